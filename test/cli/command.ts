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

/** Runs one command after the other as `imgproc` would, in one process: starting many costs more than they do. */
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
  const printed = ended.stdout.split('\0')
  const said = ended.stderr.split('\0')
  return commands.map((_, index) => {
    const [, stderr = said[index] ?? '', code] = /^(.*?)(\d+)$/s.exec(said[index] ?? '') ?? []
    return { code: Number(code), signal: null, stdout: printed[index] ?? '', stderr }
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

/** What surrounds a user, not what surrounds the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(?:IMGPROC_|VITEST|NODE_ENV$|UV_THREADPOOL_SIZE$|CI$|NO_COLOR$|FORCE_COLOR$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}
