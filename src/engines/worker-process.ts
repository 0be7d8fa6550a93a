import { fork, type ChildProcess } from 'node:child_process'
import { createMessageBatch } from './message-batch.js'
import type { EngineMessage, WorkerMessage, JobMessage } from './worker-protocol.js'

/** The end of a worker process. */
export interface ProcessEnd {
  /** True if it had become ready for jobs. */
  readonly wasReady: boolean
  /** Such as `SIGSEGV` or `exit code 1`. */
  readonly reason: string
}

export interface WorkerProcess {
  readonly send: (message: EngineMessage) => void
  readonly kill: () => void
}

interface ProcessOptions {
  /** The module to run. Exports a function `work` that takes the process. */
  readonly module: string
  /** Size of libuv's thread pool. */
  readonly threads: number
  readonly setup: unknown
  /** Jobs in work at once. */
  readonly concurrency: number
  readonly onMessage: (message: JobMessage) => void
  readonly onEnd: (end: ProcessEnd) => void
}

/** Starts a worker process. Calls `onEnd` once, also if the process cannot be started. */
export function startProcess(options: ProcessOptions): WorkerProcess {
  const { module, threads, setup, concurrency, onMessage, onEnd } = options
  let child: ChildProcess | undefined
  let wasReady = false
  let hasEnded = false
  const end = (reason: string) => {
    if (hasEnded) return
    hasEnded = true
    onEnd({ wasReady, reason })
  }
  try {
    child = launch(module, threads)
    child.on('message', (messages: readonly WorkerMessage[]) => {
      for (const message of messages) {
        if ('ready' in message) wasReady = true
        // After the end, the jobs of messages still in the pipe are already being run again.
        else if (!hasEnded) onMessage(message)
      }
    })
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`))
    // A process that could not be started has no exit event. All other errors lead to one.
    child.on('error', (error) => child?.pid === undefined && end(error.message))
  } catch (error) {
    queueMicrotask(() => end(String(error)))
  }
  const { post: send } = createMessageBatch<EngineMessage>({
    // Ignores errors: if the process has ended, its exit event is handled.
    send: (messages) => void child?.send([...messages], () => {}),
    schedule: setImmediate,
  })
  send({ setup, concurrency })
  return { send, kill: () => void child?.kill('SIGKILL') }
}

/** A program that imports the module, its argument, and passes it the process. CommonJS, as `--eval` expects. */
const START = `import(require('node:url').pathToFileURL(process.argv[1])).then(({ work }) => work(process))`

function launch(module: string, threads: number): ChildProcess {
  return fork(module, [], {
    // Replaces the flags of this process, since a loader's or a debugger's flags must not be repeated: the debugger's port
    // is taken.
    execArgv: ['--eval', START],
    env: {
      // oxlint-disable-next-line no-restricted-globals -- a fork inherits all of its environment or none
      ...process.env,
      UV_THREADPOOL_SIZE: String(threads),
      // glibc has up to eight arenas for each core, and each keeps the memory that it once needed.
      MALLOC_ARENA_MAX: '2',
    },
    // JSON has no Infinity, which limits may be.
    serialization: 'advanced',
    // stdout is for the output of this process.
    stdio: ['ignore', 2, 2, 'ipc'],
  })
}
