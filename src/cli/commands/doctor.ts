import { totalmem } from 'node:os'
import type { Check } from '../../doctor/location.js'
import { diagnose } from '../../doctor/diagnose.js'
import { createPaint, shouldUseColour, type Paint } from '../output/colour.js'
import { mergeS3Flags, type S3Flags } from '../flags/s3-flags.js'

export interface DoctorFlags extends S3Flags {
  readonly config?: string
  readonly json?: boolean
  readonly write?: boolean
  /** False for `--no-color`. */
  readonly color?: boolean
}

/** libuv's default for UV_THREADPOOL_SIZE. */
const DEFAULT_POOL_THREADS = 4

const MARKS = {
  ok: { word: 'ok', style: 'green' },
  missing: { word: 'missing', style: 'yellow' },
  failed: { word: 'failed', style: 'red' },
  untried: { word: 'not tried', style: 'dim' },
} as const satisfies Record<Check['mark'], object>

/** Prints a diagnosis: `imgproc doctor`. Sets the exit code to 1 if a check is missing or failed. */
export async function doctorCommand(locations: readonly string[], flags: DoctorFlags): Promise<void> {
  const diagnosis = await diagnose({
    machine: {
      node: process.versions.node,
      poolThreads: parsePositive(process.env['UV_THREADPOOL_SIZE']) ?? DEFAULT_POOL_THREADS,
      memoryLimit: toMemoryLimit(process.constrainedMemory(), totalmem()),
      concurrency: parsePositive(process.env['IMGPROC_CONCURRENCY']),
      awsProfile: process.env['AWS_PROFILE'] || undefined,
    },
    cwd: process.cwd(),
    configFile: flags.config,
    locations,
    s3: mergeS3Flags(flags, undefined),
    write: flags.write,
  })
  if (!diagnosis.ok) process.exitCode = 1
  if (flags.json === true) return print(JSON.stringify(diagnosis, null, 2))
  print(formatChecks(diagnosis.checks, createPaint(shouldUseColour(flags.color !== false, process.stdout))))
}

/** Formats checks as a list with a heading for each group. */
function formatChecks(checks: readonly Check[], paint: Paint): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.flatMap(({ about, name, mark, found }, index) => {
    const { word, style } = MARKS[mark]
    const line = `  ${paint(style, word.padEnd(9))}  ${name.padEnd(width)}  ${found}`
    return about === checks[index - 1]?.about ? [line] : [paint('bold', about), line]
  })
  return lines.join('\n')
}

/** Ignores limits above the machine's memory, which the system returns if there is no limit. */
function toMemoryLimit(limit: number | undefined, total: number): number | undefined {
  return limit !== undefined && limit > 0 && limit < total ? limit : undefined
}

function parsePositive(text: string | undefined): number | undefined {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : undefined
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
