import { fork, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { createMessageBatch } from './message-batch.js'
import type { EngineMessage, WorkerMessage, JobMessage } from './worker-protocol.js'

/** How a process ended, as far as it could be seen from here. */
export interface End {
  /** Whether it had begun to work. */
  readonly wasReady: boolean
  /** What ended it: `SIGSEGV`, `exit code 1`. */
  readonly reason: string
}

export interface WorkerProcess {
  readonly tell: (order: EngineMessage) => void
  readonly kill: () => void
}

interface ProcessOptions {
  /** What it runs: a module, compiled or not, that exports a function `work` of the process. */
  readonly module: string
  /** Threads of libuv. */
  readonly threads: number
  readonly setup: unknown
  /** Jobs that it makes at once. */
  readonly atOnce: number
  readonly onReport: (report: JobMessage) => void
  readonly onEnd: (end: End) => void
}

/** Starts a process. One that can't be started has ended, and says so by `onEnd` too. */
export function startProcess(options: ProcessOptions): WorkerProcess {
  const { module, threads, setup, atOnce, onReport, onEnd } = options
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
    child.on('message', (reports: readonly WorkerMessage[]) => {
      for (const report of reports) {
        if ('ready' in report) wasReady = true
        // What is still in the pipe of one that has ended is made again already.
        else if (!hasEnded) onReport(report)
      }
    })
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`))
    // Without an exit ends what could not begin; whatever else goes wrong shows by the exit.
    child.on('error', (error) => child?.pid === undefined && end(error.message))
  } catch (error) {
    queueMicrotask(() => end(String(error)))
  }
  const { post: tell } = createMessageBatch<EngineMessage>({
    // Whoever is gone is told nothing: that it ended is heard anyway.
    send: (orders) => void child?.send([...orders], () => {}),
    later: setImmediate,
  })
  tell({ setup, atOnce })
  return { tell, kill: () => void child?.kill('SIGKILL') }
}

function launch(module: string, threads: number): ChildProcess {
  return fork(module, [], {
    // A program instead of the module, which is its argument: so the module is given its process. Flags that this
    // process was started with have no business in there: a loader's, or a debugger's, whose port is taken.
    execArgv: ['--eval', `${importerOf(module)}(process.argv[1]).then(({ work }) => work(process))`],
    env: {
      // oxlint-disable-next-line no-restricted-globals -- a fork is given all of its environment or none
      ...process.env,
      UV_THREADPOOL_SIZE: String(threads),
      // glibc keeps what each of its arenas once needed, and has eight of them for each core.
      MALLOC_ARENA_MAX: '2',
    },
    // Plain JSON would lose a limit that is Infinity.
    serialization: 'advanced',
    // stdout is for what this process has to say.
    stdio: ['ignore', 2, 2, 'ipc'],
  })
}

/** What imports a module, in words of CommonJS, which is what an evaluated program is. */
function importerOf(module: string): string {
  if (!module.endsWith('.ts')) return `(file => import(require('node:url').pathToFileURL(file)))`
  const jiti = createRequire(import.meta.url).resolve('jiti')
  return `(file => require(${JSON.stringify(jiti)}).createJiti(file).import(file))`
}
