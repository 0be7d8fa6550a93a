import type { Metadata } from 'sharp'

/** What EXIF says of a picture that sharp tells in words of its own. */
export type PlainExif = Pick<Metadata, 'orientation' | 'density' | 'resolutionUnit'>

const NAME = 'Exif\0\0'
const ENTRY = 12
const TAG = { orientation: 0x0112, across: 0x011a, down: 0x011b, unit: 0x0128 }
const SHORT = 3
const RATIONAL = 5
/** Bytes of a value, by its type (TIFF 6.0, section 2). */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]
const INCH = 2
const MILLIMETRES = 25.4

/** An entry of a directory, and where its value is. */
interface Entry {
  readonly type: number
  readonly count: number
  readonly place: number
}

/**
 * What libvips would make of an EXIF block that is well-formed in all of its first directory, turns the picture in one of
 * eight ways or not at all, and gives its density in inches or not at all. Undefined for all others.
 */
export function readPlainExif(body: Buffer): PlainExif | undefined {
  if (body.toString('latin1', 0, NAME.length) !== NAME) return undefined
  const tiff = body.subarray(NAME.length)
  const order = tiff.toString('latin1', 0, 2)
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return undefined
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length)
  const little = order === 'II'
  const entries = view.getUint16(2, little) === 42 ? readDirectory(view, little) : undefined
  if (entries === undefined) return undefined
  const turned = entries.get(TAG.orientation)
  const orientation = turned && readShort(view, turned, little)
  if (turned !== undefined && !(orientation !== undefined && orientation >= 1 && orientation <= 8)) {
    return undefined
  }
  const density = readDensity(view, entries, little)
  return density && { ...(orientation !== undefined && { orientation }), ...density }
}

/** Undefined where anything is odd. */
function readDirectory(view: DataView, little: boolean): ReadonlyMap<number, Entry> | undefined {
  const start = view.getUint32(4, little)
  const count = start + 2 <= view.byteLength ? view.getUint16(start, little) : 0
  if (count === 0 || start + 2 + count * ENTRY > view.byteLength) return undefined
  const entries = new Map<number, Entry>()
  for (let at = start + 2; at < start + 2 + count * ENTRY; at += ENTRY) {
    const [tag, type, length] = [
      view.getUint16(at, little),
      view.getUint16(at + 2, little),
      view.getUint32(at + 4, little),
    ]
    const bytes = (SIZES[type] ?? 0) * length
    const place = bytes <= 4 ? at + 8 : view.getUint32(at + 8, little)
    if (bytes === 0 || place + bytes > view.byteLength || entries.has(tag)) return undefined
    entries.set(tag, { type, count: length, place })
  }
  return entries
}

function readShort(view: DataView, { type, count, place }: Entry, little: boolean): number | undefined {
  return type === SHORT && count === 1 ? view.getUint16(place, little) : undefined
}

/** Whether sharp tells of so many pixels an inch: it does of more than one a millimetre. */
export function isUsual(density: number): boolean {
  return density > MILLIMETRES && density <= 65_535
}

/** Nothing where it isn't said; undefined where it is said oddly. */
function readDensity(
  view: DataView,
  entries: ReadonlyMap<number, Entry>,
  little: boolean,
): Pick<PlainExif, 'density' | 'resolutionUnit'> | undefined {
  const [across, down, unit] = [TAG.across, TAG.down, TAG.unit].map((tag) => entries.get(tag))
  if (across === undefined && down === undefined && unit === undefined) return {}
  if (across === undefined || down === undefined || unit === undefined) return undefined
  if (readShort(view, unit, little) !== INCH) return undefined
  const [density, other] = [across, down].map(({ type, count, place }) => {
    if (type !== RATIONAL || count !== 1) return Number.NaN
    const perInch = view.getUint32(place, little) / view.getUint32(place + 4, little)
    // libvips counts in millimetres.
    return Math.round((perInch / MILLIMETRES) * MILLIMETRES)
  })
  return isUsual(density!) && isUsual(other!) ? { density: density!, resolutionUnit: 'inch' } : undefined
}
