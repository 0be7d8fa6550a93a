import { styleText } from 'node:util'
import type { Result } from '../../jobs/types.js'
import type { Failure, Summary } from '../../jobs/summary.js'
import { ImgprocError } from '../../errors.js'

/** Up to so many failures each has a line of its own. */
const FAILURE_LINES = 20

type Style = 'red' | 'green' | 'yellow' | 'dim' | 'bold'

/** How talkative a command is, and whether in colour. */
export interface Voice {
  readonly quiet: boolean
  readonly verbose: boolean
  readonly colour: boolean
}

/** Writes to people: stderr, so that stdout stays results. */
export interface Printer {
  readonly say: (line: string) => void
  readonly paint: (style: Style, text: string) => string
  readonly voice: Voice
}

export function createPrinter(voice: Voice): Printer {
  return {
    voice,
    say: (line) => void process.stderr.write(`${line}\n`),
    paint: (style, text) => (voice.colour ? styleText(style, text) : text),
  }
}

/** Whether stderr shows colours. */
export function wantsColour(asked: boolean): boolean {
  return asked && process.stderr.isTTY && !process.env['NO_COLOR']
}

/** An error that ends the command. */
export function printError({ say, paint, voice }: Printer, error: unknown): void {
  if (error instanceof ImgprocError && error.code !== 'INTERNAL') {
    say(`${paint('red', 'error')} ${error.message}`)
    if (voice.verbose && error.stack !== undefined) say(paint('dim', error.stack))
    return
  }
  say(`${paint('red', 'error')} This is a bug in imgproc: please report it with what follows.`)
  say(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

/** One result, for --verbose. */
export function printResult({ say, paint }: Printer, { job, outputs, error, ms }: Result): void {
  const time = paint('dim', `${ms.toFixed(0)} ms`)
  if (error !== undefined) say(`${paint('red', 'failed')}  ${job.path} ${time}`)
  for (const output of outputs) {
    const size =
      output.action === 'written' ? ` ${output.width}x${output.height} ${formatBytes(output.bytes)}` : ''
    const reason = output.action === 'skipped' ? `: ${output.reason}` : ''
    say(`${output.action.padEnd(7)} ${job.path} → ${output.path}${size}${reason} ${time}`)
  }
}

/** What a run came to. */
export function printSummary(printer: Printer, summary: Summary): void {
  const { say, paint, voice } = printer
  const { renditions, sources, bytes, seconds, ignored, failures, manifest, pruned = 0 } = summary
  const { stopped, warnings = [] } = summary
  if (!voice.quiet) {
    const counts = [
      paint('green', `${renditions.written} written`),
      renditions.unchanged > 0 && `${renditions.unchanged} unchanged`,
      pruned > 0 && `${pruned} removed`,
      renditions.skipped > 0 && paint('yellow', `${renditions.skipped} skipped`),
      renditions.failed > 0 && paint('red', `${renditions.failed} failed`),
    ].filter((part) => part !== false)
    say(
      `${counts.join(', ')} from ${plural(sources.total, 'image')}, ${formatBytes(bytes.in)} → ${formatBytes(bytes.out)}, ${formatSpeed(sources.total, seconds)}`,
    )
    const kinds = Object.entries(ignored).toSorted((a, b) => b[1] - a[1])
    const count = kinds.reduce((sum, [, n]) => sum + n, 0)
    if (count > 0)
      say(
        paint(
          'dim',
          `ignored ${plural(count, 'file')} that ${count === 1 ? 'is' : 'are'} no image: ${listKinds(kinds)}`,
        ),
      )
  }
  printFailures(printer, failures, manifest)
  for (const warning of warnings) say(`${paint('yellow', 'warning')} ${warning}`)
  if (stopped !== undefined) say(paint('yellow', explainStop(stopped, sources.failed + sources.partial)))
  if (!voice.quiet && manifest !== undefined) say(paint('dim', `manifest ${manifest}`))
}

function explainStop({ by, left }: NonNullable<Summary['stopped']>, failed: number): string {
  const reasons = {
    bail: 'the first failure (--bail)',
    maxFailures: `${plural(failed, 'failed image')} (--max-failures)`,
    unwritable: 'many images in a row that could not be written (--max-failures 100% goes on)',
  }
  return `stopped after ${reasons[by]}: ${plural(left, 'image')} not made`
}

/** All that failed where it is little, else an example of each kind: a full disk fails thousands for one reason. */
function printFailures(printer: Printer, failures: readonly Failure[], manifest: string | undefined): void {
  const { say, paint, voice } = printer
  if (failures.length <= FAILURE_LINES || voice.verbose) {
    for (const failure of failures) printFailure(printer, failure)
    return
  }
  const kinds = groupByKind(failures)
  for (const [first, ...others] of kinds.slice(0, FAILURE_LINES)) {
    printFailure(printer, first)
    if (others.length > 0) say(paint('dim', `       and ${others.length} more like it: ${listPaths(others)}`))
  }
  const left = kinds.slice(FAILURE_LINES).reduce((sum, kind) => sum + kind.length, 0)
  if (left > 0) say(paint('dim', `       and ${left} more`))
  // What analyzers failed at stands in no manifest.
  const isKept = manifest !== undefined && failures.every(({ analyzer }) => analyzer === undefined)
  say(paint('dim', `all ${failures.length} are listed by --json${isKept ? ', and in the manifest' : ''}`))
}

/** Failures that differ only in names and numbers, together; the most frequent kind first. */
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
  // A source fails once for each output.
  const paths = [...new Set(failures.map(({ path }) => path))]
  return paths.slice(0, 3).join(', ') + (paths.length > 3 ? ' …' : '')
}

/** A source or one of its outputs that failed. */
export function printFailure({ say, paint }: Printer, { path, preset, analyzer, error }: Failure): void {
  const what = preset ?? analyzer
  say(
    `${paint('red', 'failed')} ${path}${what === undefined ? '' : ` (${what})`}: ${paint('yellow', error.code)} ${error.message}`,
  )
}

function listKinds(kinds: readonly [string, number][]): string {
  const shown = kinds.slice(0, 5).map(([kind, n]) => `${n} ${kind}`)
  return [...shown, ...(kinds.length > 5 ? [`${kinds.length - 5} more kinds`] : [])].join(', ')
}

function formatSpeed(images: number, seconds: number): string {
  return `${seconds.toFixed(seconds < 10 ? 2 : 0)} s, ${(images / Math.max(seconds, 0.001)).toFixed(0)} img/s`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** 1536 → `1.5 kB` */
function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value.toFixed(unit > 0 && value < 10 ? 1 : 0)} ${units[unit]}`
}
