import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Project } from '../support/project.js'

export const BIN = fileURLToPath(new URL('../../bin/imgproc.cjs', import.meta.url))

/** Exit status and output of a command. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

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

/** Runs the command in a project. */
export function imgproc(project: Project, args: readonly string[], options?: CommandOptions): Promise<Ended> {
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

/** Runs commands one after another in a single process, which is faster than a process for each. */
export async function imgprocs(project: Project, commands: readonly (readonly string[])[]): Promise<Ended[]> {
  const script = `
    import { main } from '${new URL('../../dist/bundle/main.js', import.meta.url).href}'
    process.stdout.setMaxListeners(0)
    for (const args of ${JSON.stringify(commands)}) {
      process.exitCode = 0
      await main(args)
      process.stdout.write('\\0')
      process.stderr.write(process.exitCode + '\\0')
    }`
  const ended = await execute(project, process.execPath, ['--input-type=module', '--eval', script])
  const outputs = ended.stdout.split('\0')
  const errors = ended.stderr.split('\0')
  return commands.map((_, index) => {
    const [, stderr = errors[index] ?? '', code] = /^(.*?)(\d+)$/s.exec(errors[index] ?? '') ?? []
    return { code: Number(code), signal: null, stdout: outputs[index] ?? '', stderr }
  })
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
