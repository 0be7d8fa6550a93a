import type { Result } from '../../jobs/types.js'
import type { ErrorCode, Failure } from '../../errors.js'
import type { Summary } from '../../jobs/summary.js'
import { ImgprocError } from '../../errors.js'
import { OPS_PRESET } from '../../plan/ops-preset.js'
import { formatBytes } from '../../utils/format-bytes.js'
import { createPaint, shouldUseColour, type Paint } from './colour.js'
import { formatRate } from './progress-counter.js'
import { toPrintable, withoutControls } from './text-columns.js'

/** Up to so many failures are printed one by one, more only as one example of each kind. */
const MAX_FAILURE_LINES = 20
/** Codes that one line names. */
const MAX_EXPLAINED = 4
/** Codes whose causes lie outside the command line. Messages of others say all that there is to know. */
const NEEDS_HELP: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'READ_FAILED',
  'WRITE_FAILED',
  'ACCESS_DENIED',
  'INVALID_CREDENTIALS',
  'TIMED_OUT',
  'OUTPUT_LOCKED',
  'QUEUE_UNAVAILABLE',
])

/** The global flags, as far as they concern output. */
export interface PrinterOptions {
  readonly quiet: boolean
  readonly verbose: boolean
  /** False for `--no-color`. */
  readonly color: boolean
}

/** Prints messages to stderr; stdout is for results. */
export interface Printer {
  readonly quiet: boolean
  readonly verbose: boolean
  readonly printLine: (line: string) => void
  /** Styles what goes to stderr. */
  readonly paint: Paint
  /** Styles what goes to stdout. */
  readonly paintResult: Paint
}

export function createPrinter({ quiet, verbose, color }: PrinterOptions): Printer {
  return {
    quiet,
    verbose,
    printLine: (line) => void process.stderr.write(`${withoutControls(line)}\n`),
    paint: createPaint(shouldUseColour(color, process.stderr)),
    paintResult: createPaint(shouldUseColour(color, process.stdout)),
  }
}

/** Prints an error that ends the command. */
export function printError(printer: Printer, error: unknown): void {
  const { printLine, paint, verbose } = printer
  if (error instanceof ImgprocError && error.code !== 'INTERNAL') {
    printLine(`${paint('red', 'error')} ${error.message}`)
    if (verbose && error.stack !== undefined) printLine(paint('dim', error.stack))
    if (NEEDS_HELP.has(error.code)) printHelp(printer, [error.code])
    return
  }
  printLine(`${paint('red', 'error')} This is a bug in imgproc. Please report it with this stack trace:`)
  printLine(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

/** Names the command that explains errors, once for all. */
function printHelp({ printLine, paint }: Printer, codes: readonly ErrorCode[]): void {
  const counts = new Map<ErrorCode, number>()
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1)
  // Results come in any order.
  const frequent = [...counts].toSorted(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([code]) => code)
  if (frequent.length === 0) return
  printLine(paint('dim', `help: imgproc explain ${frequent.slice(0, MAX_EXPLAINED).join(' ')}`))
}

/** Prints a line for each output of one result, for --verbose. */
export function printResult({ printLine, paint }: Printer, { job, outputs, error, ms }: Result): void {
  // The time is that of the source, so that it is printed once.
  const time = paint('dim', `${ms.toFixed(0)} ms`)
  const last = outputs.length === 1 ? ` ${time}` : ''
  if (error !== undefined) printLine(`${paint('red', 'failed')}  ${toPrintable(job.path)} ${time}`)
  for (const output of outputs) {
    const size =
      output.action === 'written' ? ` ${output.width}x${output.height} ${formatBytes(output.bytes)}` : ''
    const reason = output.action === 'skipped' ? `: ${output.reason}` : ''
    const paths = `${toPrintable(job.path)} → ${toPrintable(output.path)}`
    printLine(`${output.action.padEnd(7)} ${paths}${size}${reason}${last}`)
  }
  if (outputs.length > 1 && error === undefined) printLine(`done    ${toPrintable(job.path)} ${time}`)
}

/** Prints counts, failures and warnings of a run. With --quiet, only failures and warnings. */
export function printSummary(printer: Printer, summary: Summary): void {
  const { printLine, paint, quiet } = printer
  const { sources, failures, manifest, stopped, warnings = [] } = summary
  if (!quiet) printCounts(printer, summary)
  printFailures(printer, failures, manifest)
  if (!quiet)
    printHelp(
      printer,
      // An analyzer's own error is no bug of ours.
      failures.flatMap(({ analyzer, error }) => (analyzer === undefined ? [error.code] : [])),
    )
  for (const warning of warnings) printLine(`${paint('yellow', 'warning')} ${warning}`)
  if (stopped !== undefined)
    printLine(paint('yellow', describeStop(stopped, sources.failed + sources.partial)))
  if (!quiet && manifest !== undefined) printLine(paint('dim', `manifest ${manifest}`))
}

function printCounts({ printLine, paint }: Printer, summary: Summary): void {
  const { renditions, sources, bytes, seconds, ignored, sniffed = 0, pruned = 0 } = summary
  const counts = [
    paint('green', `${renditions.written} written`),
    renditions.unchanged > 0 && `${renditions.unchanged} unchanged`,
    pruned > 0 && `${pruned} removed`,
    renditions.skipped > 0 && `${plural(renditions.skipped, 'size')} above the source's left out`,
    renditions.failed > 0 && paint('red', `${renditions.failed} failed`),
  ].filter((part) => part !== false)
  const time = `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`
  const rate = formatRate(sources.total, seconds)
  const work =
    renditions.written > 0
      ? [`${formatBytes(bytes.in)} → ${formatBytes(bytes.out)}`, time, ...(rate === '' ? [] : [rate])]
      : [time]
  printLine(`${counts.join(', ')} from ${plural(sources.total, 'image')}, ${work.join(', ')}`)
  const kinds = Object.entries(ignored).toSorted((a, b) => b[1] - a[1])
  const count = kinds.reduce((sum, [, n]) => sum + n, 0)
  if (count > 0) printLine(paint('dim', `ignored ${plural(count, 'non-image file')}: ${listKinds(kinds)}`))
  if (sniffed > 0)
    printLine(paint('dim', `looked into ${plural(sniffed, 'file')} without an image's extension`))
}

function describeStop({ by, left }: NonNullable<Summary['stopped']>, failed: number): string {
  const reasons = {
    bail: 'the first failure (--bail)',
    maxFailures: `${plural(failed, 'failed image')} (--max-failures)`,
    unwritable: 'many failed writes in a row (continue with --max-failures 100%)',
  }
  return `stopped after ${reasons[by]}: ${plural(left, 'image')} not processed`
}

/** Prints all failures, or an example of each kind if there are many, as on a full disk. */
function printFailures(printer: Printer, failures: readonly Failure[], manifest: string | undefined): void {
  const { printLine, paint, verbose } = printer
  if (failures.length <= MAX_FAILURE_LINES || verbose) {
    for (const failure of failures) printFailure(printer, failure)
    return
  }
  const kinds = groupByKind(failures)
  for (const [first, ...others] of kinds.slice(0, MAX_FAILURE_LINES)) {
    printFailure(printer, first)
    if (others.length > 0)
      printLine(paint('dim', `       and ${others.length} more like it: ${listPaths(others)}`))
  }
  const left = kinds.slice(MAX_FAILURE_LINES).reduce((sum, kind) => sum + kind.length, 0)
  if (left > 0) printLine(paint('dim', `       and ${left} more`))
  // The manifest does not contain failures of analyzers, nor sources that do not exist.
  const isInManifest =
    manifest !== undefined &&
    failures.every(({ analyzer, error }) => analyzer === undefined && error.code !== 'INPUT_NOT_FOUND')
  printLine(
    paint('dim', `all ${failures.length} are listed by --json${isInManifest ? ', and in the manifest' : ''}`),
  )
}

/** Groups failures that differ only in names and numbers, the most frequent kind first. */
function groupByKind(failures: readonly Failure[]): [Failure, ...Failure[]][] {
  const kinds = new Map<string, [Failure, ...Failure[]]>()
  for (const failure of failures) {
    const { code, message } = failure.error
    const kind = `${code} ${message
      .replaceAll(failure.path, '')
      .replaceAll(/"(?:\\.|[^"\\])*"/g, '')
      .replaceAll(/\d+/g, '')}`
    const others = kinds.get(kind)
    if (others === undefined) kinds.set(kind, [failure])
    else others.push(failure)
  }
  return [...kinds.values()].toSorted((a, b) => b.length - a.length)
}

function listPaths(failures: readonly Failure[]): string {
  // A source has a failure for each of its outputs.
  const paths = [...new Set(failures.map(({ path }) => toPrintable(path)))]
  return paths.slice(0, 3).join(', ') + (paths.length > 3 ? ' …' : '')
}

/** Prints the failure of a source or of one of its outputs. */
export function printFailure(
  { printLine, paint }: Printer,
  { path, preset, analyzer, error }: Failure,
): void {
  // A rendition without a preset has no name that the user knows.
  const part = (preset === OPS_PRESET ? undefined : preset) ?? analyzer
  printLine(
    `${paint('red', 'failed')} ${toPrintable(path)}${part === undefined ? '' : ` (${part})`}: ${paint('yellow', error.code)} ${error.message}`,
  )
}

function listKinds(kinds: readonly [string, number][]): string {
  const shown = kinds.slice(0, 5).map(([kind, n]) => `${n} ${kind}`)
  return [...shown, ...(kinds.length > 5 ? [`${kinds.length - 5} more kinds`] : [])].join(', ')
}

/** Returns a count with its noun: `1 image`, `2 images`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
