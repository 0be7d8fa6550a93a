import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Project } from '../support/project.js'
import { runHere, type Ended } from './in-process.js'

export const BIN = fileURLToPath(new URL('../../bin/imgproc.cjs', import.meta.url))

export interface CommandOptions {
  /** Working directory, relative to the project. @default the project's folder */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** True for a process group of its own, to which signals can be sent as a terminal does. */
  readonly detached?: boolean
  /** Called with the process when it is spawned. */
  readonly started?: (child: ReturnType<typeof spawn>) => void
}

/**
 * Runs the command in a project. In this process where that makes no difference: without stdin and signals, and while no
 * other command runs.
 */
export async function imgproc(
  project: Project,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ended> {
  const { cwd = '.', env = {}, stdin, detached, started } = options
  const isPlain = stdin === undefined && detached === undefined && started === undefined
  const ended = isPlain && (await runHere(project.at(cwd), { ...cleanEnvironment(), ...env }, args))
  return ended || spawnImgproc(project, args, options)
}

/** Runs the command in a process of its own. */
export function spawnImgproc(
  project: Project,
  args: readonly string[],
  options?: CommandOptions,
): Promise<Ended> {
  return execute(project, process.execPath, [BIN, ...args], options)
}

/** Runs a shell line in which `imgproc` is the command. */
export function shell(project: Project, line: string, options?: CommandOptions): Promise<Ended> {
  return execute(
    project,
    'sh',
    ['-c', `imgproc() { "${process.execPath}" "${BIN}" "$@"; }; ${line}`],
    options,
  )
}

/** Runs commands one after another. */
export async function imgprocs(project: Project, commands: readonly (readonly string[])[]): Promise<Ended[]> {
  const all: Ended[] = []
  for (const args of commands) all.push(await imgproc(project, args))
  return all
}

export async function execute(
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

/** Returns the environment without the variables of CI, vitest and imgproc. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(?:IMGPROC_|VITEST|NODE_ENV$|UV_THREADPOOL_SIZE$|CI$|NO_COLOR$|FORCE_COLOR$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}
