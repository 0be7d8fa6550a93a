import { styleText } from 'node:util'
import type { Result } from '../core/types.js'
import type { Summary } from '../core/summary.js'
import { ImgprocError } from '../errors.js'

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
  const { renditions, sources, bytes, seconds, ignored, failures, manifest } = summary
  if (!voice.quiet) {
    const counts = [
      paint('green', `${renditions.written} written`),
      renditions.unchanged > 0 && `${renditions.unchanged} unchanged`,
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
  for (const { path, preset, analyzer, error } of failures) {
    const what = preset ?? analyzer
    say(
      `${paint('red', 'failed')} ${path}${what === undefined ? '' : ` (${what})`}: ${paint('yellow', error.code)} ${error.message}`,
    )
  }
  if (!voice.quiet && manifest !== undefined) say(paint('dim', `manifest ${manifest}`))
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
