import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
import { BIN } from '../cli/command.js'
import type { Project } from './project.js'

/** `imgproc worker` in a process of its own. */
export interface WorkerProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** URL of /healthz and /metrics; undefined without --port. */
  readonly url: string | undefined
  /** Sends a signal, and resolves when the process has ended. */
  readonly stop: (
    signal?: NodeJS.Signals,
  ) => Promise<{ readonly code: number | null; readonly stderr: string }>
}

/** Starts a worker in a project, and waits until it takes jobs. The caller stops it. */
export async function startWorker(
  project: Project,
  queue: string,
  args: readonly string[] = ['--shared', '.'],
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [BIN, 'worker', '--queue', queue, ...args], {
    cwd: project.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      if (stdout.includes('Taking jobs from the queue')) resolve()
    })
    void ended.then((code) => reject(new Error(`worker ended with ${code}: ${stderr}`)))
  })
  return {
    child,
    url: /^Listening at (\S+)$/m.exec(stdout)?.[1],
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return { code: await ended, stderr }
    },
  }
}
