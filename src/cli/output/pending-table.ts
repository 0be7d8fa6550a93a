import type { Paint, Style } from './colour.js'
import { columnsOf, padColumns, shortenMiddle, toPrintable } from './text-columns.js'

/** An output that is missing, stale or to be removed, and why. */
export interface PendingRow {
  readonly reason: string
  readonly source: string
  /** Path of the output, or names of analyzers. */
  readonly target?: string
}

/** Properties of the output stream. */
export interface TableOutput {
  readonly paint: Paint
  /** Undefined for a pipe or file, in which nothing is shortened or aligned. */
  readonly columns: number | undefined
}

const GAP = '  '
const ARROW = ' → '
/** Columns of a path, whatever the width of the terminal. */
const MIN_PATH = 12

/**
 * Yields one line for each pending output. On a terminal they are a table that fits its width.
 *
 * @param list yields the rows, first to measure and then to format them: they may be more than fit into memory.
 */
export function* describePending(
  list: () => Iterable<PendingRow>,
  { paint, columns }: TableOutput,
): Generator<string> {
  const wide = { reasons: 0, sources: 0, targets: 0 }
  for (const row of list()) {
    wide.reasons = Math.max(wide.reasons, columnsOf(row.reason))
    if (columns === undefined) continue
    const { source, target } = toPrintableRow(row)
    wide.sources = Math.max(wide.sources, columnsOf(source))
    wide.targets = Math.max(wide.targets, columnsOf(target))
  }
  const [sources, targets] =
    columns === undefined
      ? [0, Infinity]
      : shareColumns(columns - wide.reasons - GAP.length - ARROW.length, wide.sources, wide.targets)
  for (const row of list()) {
    const { reason, source, target } = toPrintableRow(row)
    const from = columns === undefined ? source : padColumns(shortenMiddle(source, sources), sources)
    const to = target === '' ? '' : `${ARROW}${shortenMiddle(target, targets)}`
    yield `${paint(styleOf(reason), padColumns(reason, wide.reasons))}${GAP}${`${from}${to}`.trimEnd()}`
  }
}

function toPrintableRow({ reason, source, target = '' }: PendingRow): Required<PendingRow> {
  return { reason, source: toPrintable(source), target: toPrintable(target) }
}

/** Divides columns between two texts. A short one leaves its rest to the other. */
function shareColumns(room: number, first: number, second: number): readonly [number, number] {
  if (first + second <= room) return [first, second]
  const half = Math.floor(room / 2)
  if (first <= half) return [first, Math.max(MIN_PATH, room - first)]
  if (second <= half) return [Math.max(MIN_PATH, room - second), second]
  return [Math.max(MIN_PATH, half), Math.max(MIN_PATH, room - half)]
}

function styleOf(reason: string): Style {
  if (reason.startsWith('failed')) return 'red'
  return reason === 'new' ? 'green' : 'yellow'
}
