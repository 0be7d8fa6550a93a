import type { Metadata } from 'sharp'
import {
  ENTRY_BYTES,
  firstDirectory,
  isWhole,
  openTiff,
  readEntry,
  TIFF_TYPE,
  TYPE_BYTES,
  valuePosition,
  type TiffEntry,
  type TiffStructure,
} from './tiff-directory.js'

/** EXIF values that sharp reports as metadata of its own. */
export type ExifSummary = Pick<Metadata, 'orientation' | 'density' | 'resolutionUnit'>

const NAME = 'Exif\0\0'
const TIFF_NUMBER = 42
const TAG = { orientation: 0x0112, xResolution: 0x011a, yResolution: 0x011b, resolutionUnit: 0x0128 }
const INCH = 2
const MILLIMETRES_PER_INCH = 25.4

/** An entry and the position of its value, which lies inside the structure. */
interface CheckedEntry extends TiffEntry {
  readonly value: number
}

/**
 * Reads an EXIF block as sharp would report it. Returns undefined, and leaves the block to sharp, if the
 * first directory is malformed anywhere, the orientation is not 1 to 8, or the density is incomplete or not in inches.
 *
 * @param body contents of an APP1 segment.
 */
export function readExifSummary(body: Buffer): ExifSummary | undefined {
  if (body.toString('latin1', 0, NAME.length) !== NAME) return undefined
  const tiff = openTiff(body.subarray(NAME.length))
  if (tiff === undefined || tiff.view.getUint16(2, tiff.littleEndian) !== TIFF_NUMBER) return undefined
  const entries = readCheckedEntries(tiff)
  if (entries === undefined) return undefined
  const entry = entries.get(TAG.orientation)
  const orientation = entry && readShort(tiff, entry)
  if (entry !== undefined && !(orientation !== undefined && orientation >= 1 && orientation <= 8)) {
    return undefined
  }
  const density = readDensity(tiff, entries)
  return density && { ...(orientation !== undefined && { orientation }), ...density }
}

/** Returns undefined if the directory is empty or cut off, repeats a tag, or has a value that can't be read. */
function readCheckedEntries(tiff: TiffStructure): ReadonlyMap<number, CheckedEntry> | undefined {
  const directory = firstDirectory(tiff)
  if (directory === undefined || directory.start === directory.end || !isWhole(tiff, directory)) {
    return undefined
  }
  const entries = new Map<number, CheckedEntry>()
  for (let position = directory.start; position < directory.end; position += ENTRY_BYTES) {
    const entry = readEntry(tiff, position)
    const { tag, type, count } = entry
    const bytes = (TYPE_BYTES[type] ?? 0) * count
    const value = valuePosition(tiff, entry, bytes)
    if (bytes === 0 || value + bytes > tiff.view.byteLength || entries.has(tag)) return undefined
    entries.set(tag, { position, tag, type, count, value })
  }
  return entries
}

function readShort(
  { view, littleEndian }: TiffStructure,
  { type, count, value }: CheckedEntry,
): number | undefined {
  return type === TIFF_TYPE.short && count === 1 ? view.getUint16(value, littleEndian) : undefined
}

/** Returns true if sharp reports a density of so many pixels per inch: it leaves out one pixel per millimetre or less. */
export function isReportedDensity(density: number): boolean {
  return density > MILLIMETRES_PER_INCH && density <= 65_535
}

/** Returns an empty object if no density is given, undefined if it is given in a way that is left to sharp. */
function readDensity(
  tiff: TiffStructure,
  entries: ReadonlyMap<number, CheckedEntry>,
): Pick<ExifSummary, 'density' | 'resolutionUnit'> | undefined {
  const [x, y, unit] = [TAG.xResolution, TAG.yResolution, TAG.resolutionUnit].map((tag) => entries.get(tag))
  if (x === undefined && y === undefined && unit === undefined) return {}
  if (x === undefined || y === undefined || unit === undefined) return undefined
  if (readShort(tiff, unit) !== INCH) return undefined
  const [density, other] = [x, y].map((entry) => readPixelsPerInch(tiff, entry))
  if (!isReportedDensity(density!) || !isReportedDensity(other!)) return undefined
  return { density: density!, resolutionUnit: 'inch' }
}

function readPixelsPerInch(
  { view, littleEndian }: TiffStructure,
  { type, count, value }: CheckedEntry,
): number {
  if (type !== TIFF_TYPE.rational || count !== 1) return Number.NaN
  const pixelsPerInch = view.getUint32(value, littleEndian) / view.getUint32(value + 4, littleEndian)
  // libvips converts to pixels per millimetre and back.
  return Math.round((pixelsPerInch / MILLIMETRES_PER_INCH) * MILLIMETRES_PER_INCH)
}
