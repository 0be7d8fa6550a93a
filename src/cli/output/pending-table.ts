import type { Paint, Style } from './colour.js'
import { columnsOf, padColumns, shortenMiddle, toPrintable } from './text-columns.js'

/** An output that is missing, stale or to be removed, and why. */
export interface PendingRow {
  readonly reason: string
  readonly source: string
  /** Path of the output, or names of analyzers. */
  readonly target?: string | undefined
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

/** Describes pending outputs, one line each. On a terminal it is a table that fits its width. */
export function describePending(rows: readonly PendingRow[], { paint, columns }: TableOutput): string {
  const printable = rows.map(({ reason, source, target = '' }) => ({
    reason,
    source: toPrintable(source),
    target: toPrintable(target),
  }))
  const reasons = widest(printable.map(({ reason }) => reason))
  const [sources, targets] =
    columns === undefined
      ? [0, Infinity]
      : shareColumns(
          columns - reasons - GAP.length - ARROW.length,
          widest(printable.map(({ source }) => source)),
          widest(printable.map(({ target }) => target)),
        )
  const lines = printable.map(({ reason, source, target }) => {
    const from = columns === undefined ? source : padColumns(shortenMiddle(source, sources), sources)
    const to = target === '' ? '' : `${ARROW}${shortenMiddle(target, targets)}`
    return `${paint(styleOf(reason), padColumns(reason, reasons))}${GAP}${`${from}${to}`.trimEnd()}\n`
  })
  return lines.join('')
}

/** Divides columns between two texts. A short one leaves its rest to the other. */
function shareColumns(room: number, first: number, second: number): readonly [number, number] {
  if (first + second <= room) return [first, second]
  const half = Math.floor(room / 2)
  if (first <= half) return [first, Math.max(MIN_PATH, room - first)]
  if (second <= half) return [Math.max(MIN_PATH, room - second), second]
  return [Math.max(MIN_PATH, half), Math.max(MIN_PATH, room - half)]
}

function widest(texts: readonly string[]): number {
  return texts.reduce((widest, text) => Math.max(widest, columnsOf(text)), 0)
}

function styleOf(reason: string): Style {
  if (reason.startsWith('failed')) return 'red'
  return reason === 'new' ? 'green' : 'yellow'
}
