import { showSpread, type Outcome } from './bench.js'
import { compare, spreadOf, type Series } from './measure.js'

/** The machine and the images of a run. */
export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly node: string
  readonly imgproc: string
  /** Names and versions of the peers. */
  readonly peers: readonly string[]
  /** Description of the images: generated or real. */
  readonly pictures: string
  readonly rounds: number
}

/** A whole run, as `--json` writes it. */
export interface Report {
  readonly machine: Machine
  readonly outcomes: readonly Outcome[]
}

/** Returns the report in Markdown: times, requirements and notes. */
export function writeTable({ machine, outcomes }: Report): string {
  const { cores, cpu, node, pictures, rounds, imgproc, peers } = machine
  const heading =
    `${pictures}, ${rounds} rounds, ${cores} cores (${cpu}), Node.js ${node}, imgproc ${imgproc}` +
    ['', ...peers].join(', ')
  return [heading, writeSpeeds(outcomes), writeChecks(outcomes), writeNotes(outcomes)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function writeSpeeds(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ id, images, series }) =>
    series.map((one) => writeSpeed(id, images, one, series)),
  )
  const heading = ['', 'tool', 'images/s', 'seconds: median (min to max)', 'CPU seconds', 'imgproc is faster']
  return writeRows(heading, rows)
}

function writeSpeed(id: string, images: number, one: Series, all: readonly Series[]): string[] {
  const seconds = spreadOf(one.seconds)
  const ours = all.find(({ role }) => role === 'ours')
  const perSecond = images > 0 ? showRate(images / seconds.median) : ''
  const ratio = ours === undefined || ours === one ? '' : showSpread(compare(ours, one))
  const cpu = spreadOf(one.cpu).median.toFixed(3)
  return [id, one.name, perSecond, showSpread(seconds, 3), cpu, ratio]
}

/** Formats images per second. */
export function showRate(rate: number): string {
  return rate.toFixed(rate < 10 ? 1 : 0)
}

function writeChecks(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ id, checks }) =>
    checks.map(({ what, wanted, measured, holds }) => [id, what, wanted, measured, holds ? 'yes' : 'NO']),
  )
  return rows.length === 0 ? '' : writeRows(['', 'requirement', 'wanted', 'measured', 'met'], rows)
}

function writeNotes(outcomes: readonly Outcome[]): string {
  return outcomes
    .flatMap(({ id, title, images, notes }) => [
      `${id}: ${title}${images > 0 ? `, ${images.toLocaleString('en')} images` : ''}`,
      ...notes.map((note) => `   ${note}`),
    ])
    .join('\n')
}

/** Returns a Markdown table with padded columns, for terminals. */
function writeRows(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const write = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [write(heading), write(widths.map((width) => '-'.repeat(width))), ...rows.map(write)].join('\n')
}
