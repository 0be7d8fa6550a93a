import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Project } from '../support/project.js'

export const BIN = fileURLToPath(new URL('../../bin/imgproc.cjs', import.meta.url))

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  /** Relative to the project. @default the project's own folder */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Whether it leads a process group, to which signals can be sent as a terminal does. */
  readonly detached?: boolean
  /** Called with the process as soon as it runs. */
  readonly started?: (child: ReturnType<typeof spawn>) => void
}

/** Runs the command in a project, as a shell would. */
export function imgproc(project: Project, args: readonly string[], options?: CommandOptions): Promise<Ended> {
  return execute(project, process.execPath, [BIN, ...args], options)
}

/** Runs a line in the shell, in which `imgproc` is the command. */
export function shell(project: Project, line: string, options?: CommandOptions): Promise<Ended> {
  return execute(
    project,
    'sh',
    ['-c', `imgproc() { "${process.execPath}" "${BIN}" "$@"; }; ${line}`],
    options,
  )
}

async function execute(
  project: Project,
  file: string,
  args: readonly string[],
  { cwd = '.', env = {}, stdin = '', detached = false, started }: CommandOptions = {},
): Promise<Ended> {
  const child = spawn(file, args, {
    cwd: project.at(cwd),
    env: { ...cleanEnvironment(), ...env },
    detached,
  })
  started?.(child)
  child.stdin.end(stdin)
  const closed = new Promise<Pick<Ended, 'code' | 'signal'>>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { ...end, stdout, stderr }
}

/** What surrounds a user, not what surrounds the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(?:IMGPROC_|VITEST|NODE_ENV$|UV_THREADPOOL_SIZE$|CI$|NO_COLOR$|FORCE_COLOR$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}
