import { showSpread, type Outcome } from './bench.js'
import { compare, spreadOf, type Series } from './measure.js'

/** Where and over what a run was made. */
export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly node: string
  readonly imgproc: string
  /** Programs with their versions. */
  readonly peers: readonly string[]
  /** Whether the pictures are drawn or real. */
  readonly pictures: string
  readonly rounds: number
}

/** A whole run, as it stands in the JSON. */
export interface Report {
  readonly machine: Machine
  readonly outcomes: readonly Outcome[]
}

/** The report in Markdown: who took how long, what has to hold, and what else there is to know. */
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
  return writeRows(['', 'who', 'images/s', 'seconds: median (min to max)', 'imgproc is faster'], rows)
}

function writeSpeed(id: string, images: number, one: Series, all: readonly Series[]): string[] {
  const seconds = spreadOf(one.seconds)
  const ours = all.find(({ role }) => role === 'ours')
  const perSecond = images > 0 ? showRate(images / seconds.median) : ''
  const ratio = ours === undefined || ours === one ? '' : showSpread(compare(ours, one))
  return [id, one.name, perSecond, showSpread(seconds, 3), ratio]
}

/** Images a second. */
export function showRate(rate: number): string {
  return rate.toFixed(rate < 10 ? 1 : 0)
}

function writeChecks(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ id, checks }) =>
    checks.map(({ what, wanted, measured, holds }) => [id, what, wanted, measured, holds ? 'yes' : 'NO']),
  )
  return rows.length === 0 ? '' : writeRows(['', 'what', 'wanted', 'measured', 'holds'], rows)
}

function writeNotes(outcomes: readonly Outcome[]): string {
  return outcomes
    .flatMap(({ id, title, images, notes }) => [
      `${id}: ${title}${images > 0 ? `, ${images.toLocaleString('en')} of them` : ''}`,
      ...notes.map((note) => `   ${note}`),
    ])
    .join('\n')
}

/** Columns of one width, so that it reads well on a terminal too. */
function writeRows(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const write = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [write(heading), write(widths.map((width) => '-'.repeat(width))), ...rows.map(write)].join('\n')
}
