import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { BIN } from '../cli/command.js'
import type { Project } from './project.js'

/** `imgproc serve` in a process of its own. */
export interface Served {
  /** Without a slash at its end. */
  readonly url: string
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** Sends SIGTERM, and resolves when the process has ended. */
  readonly stop: (
    signal?: NodeJS.Signals,
  ) => Promise<{ readonly code: number | null; readonly stderr: string }>
}

/** Starts `imgproc serve --port 0` in a project, and ends it with the test. */
export async function serve(project: Project, args: readonly string[] = []): Promise<Served> {
  const child = spawn(process.execPath, [BIN, 'serve', '--port', '0', ...args], {
    cwd: project.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stderr = text(child.stderr)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill('SIGKILL')
    await ended
  })
  const url = await new Promise<string>((resolve, reject) => {
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      const [, found] = /^Listening at (\S+)\n/m.exec(printed) ?? []
      if (found !== undefined) resolve(found)
    })
    void ended.then(async (code) => reject(new Error(`serve ended with ${code}: ${await stderr}`)))
  })
  return {
    url,
    child,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return { code: await ended, stderr: await stderr }
    },
  }
}
