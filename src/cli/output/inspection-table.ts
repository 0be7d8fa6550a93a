import type { Inspection } from '../../inspect/types.js'
import { formatBytes } from '../../utils/format-bytes.js'
import type { Paint } from './colour.js'
import { columnsOf, padColumns, shortenMiddle, toPrintable } from './text-columns.js'

/** Properties of the terminal, and choices of the user. */
export interface InspectionOutput {
  readonly paint: Paint
  /** Undefined for a pipe or file. */
  readonly columns: number | undefined
  readonly gps: boolean
}

export type InspectedFile = Inspection & { readonly path: string }

const HEAD = ['file', 'format', 'size', 'bytes', 'colour', 'notes']
const GAP = '  '
/** Columns of a file's name, whatever the width of the terminal. */
const MIN_NAME = 20

/** Describes several images as a table, one line each. */
export function describeInspections(files: readonly InspectedFile[], output: InspectionOutput): string {
  const rows = files.map((file) => [toPrintable(file.path), ...toCells(file, output.gps)])
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => columnsOf(row[column] ?? ''))),
  )
  const others = widths.slice(1).reduce((sum, width) => sum + width + GAP.length, 0)
  const room = output.columns === undefined ? Infinity : Math.max(MIN_NAME, output.columns - others)
  widths[0] = Math.min(widths[0] ?? 0, room)
  const format = (row: readonly string[]) =>
    row
      .map((cell, column) => padColumns(column === 0 ? shortenMiddle(cell, room) : cell, widths[column] ?? 0))
      .join(GAP)
      .trimEnd()
  const head = format(HEAD)
  return [output.paint('bold', head), ...rows.map(format), ''].join('\n')
}

function toCells({ format, width, height, bytes, color, ...file }: InspectedFile, gps: boolean): string[] {
  const { hdr, bits, alpha, profile, space } = color
  const { hasPosition, position, iptc, contentCredentials = false } = file.metadata
  const quality = file.encoding.jpegQuality
  const place =
    gps && position !== undefined
      ? `${position.latitude},${position.longitude}`
      : hasPosition
        ? 'position'
        : ''
  const notes = [
    quality === undefined ? '' : `quality ${quality.isExact ? '' : '~'}${quality.value}`,
    file.orientation === undefined ? '' : `orientation ${file.orientation}`,
    bits === 8 ? '' : `${bits} bits`,
    alpha ? 'alpha' : '',
    file.animation === undefined ? '' : `${file.animation.frames} frames`,
    file.pages === undefined ? '' : `${file.pages} pages`,
    hdr === undefined ? '' : `HDR ${hdr}`,
    place,
    iptc === undefined ? '' : 'IPTC',
    contentCredentials ? 'C2PA' : '',
  ]
  return [
    format,
    `${width}x${height}`,
    formatBytes(bytes),
    toPrintable(profile ?? space),
    notes.filter((note) => note !== '').join(', '),
  ]
}
