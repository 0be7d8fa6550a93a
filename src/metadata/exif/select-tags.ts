import type { Size } from '../../picture.js'
import type { Credit } from '../xmp/credit.js'
import { keepsExif, type Keep } from '../keep.js'
import type { Written } from '../written.js'
import type { ExifBlock, ExifEntry } from './parse-exif.js'
import { encodeNumber, type ExifDirectories } from './write-exif.js'

/*
 * Only known tags that describe the picture are kept (Exif 3.0, CIPA DC-008, section 4.6). Others may describe the layout of
 * the source, such as StripOffsets, or hold pictures that show what was cropped away: thumbnails, previews in the maker's
 * notes. Maker notes also point to positions in the source.
 */

const TAG = {
  description: 0x010e,
  orientation: 0x0112,
  artist: 0x013b,
  copyright: 0x8298,
  colourSpace: 0xa001,
  width: 0xa002,
  height: 0xa003,
  windowsAuthor: 0x9c9d,
} as const

/** Tags from one number to another. */
type Range = readonly [from: number, to: number]

/** Orientation, XResolution, YResolution and ResolutionUnit: not a reason to write EXIF. */
const TECHNICAL: ReadonlySet<number> = new Set([0x0112, 0x011a, 0x011b, 0x0128])

/** DocumentName to Model, resolution, PageName, Software, DateTime, HostComputer, ratings, TimeZoneOffset, Windows' texts. */
const IMAGE_TAGS: readonly Range[] = [
  [0x010d, 0x0110],
  [0x011a, 0x011b],
  [0x011d, 0x011d],
  [0x0128, 0x0128],
  [0x0131, 0x0132],
  [0x013c, 0x013c],
  [0x4746, 0x4746],
  [0x4749, 0x4749],
  [0x882a, 0x882a],
  [0x9c9b, 0x9c9f],
]

/**
 * Exposure, dates, lens, conditions, composite images; without MakerNote, CompressedBitsPerPixel, the Interoperability
 * directory, and SubjectArea and SubjectLocation, which are positions in the source.
 */
const PHOTO_TAGS: readonly Range[] = [
  [0x829a, 0x829a],
  [0x829d, 0x829d],
  [0x8822, 0x8822],
  [0x8824, 0x8824],
  [0x8827, 0x8828],
  [0x8830, 0x8835],
  [0x9000, 0x9012],
  [0x9101, 0x9101],
  [0x9201, 0x920a],
  [0x9286, 0x9292],
  [0x9400, 0x9406],
  [0xa000, 0xa004],
  [0xa20b, 0xa210],
  [0xa215, 0xa217],
  [0xa300, 0xa302],
  [0xa401, 0xa40c],
  [0xa420, 0xa43c],
  [0xa460, 0xa462],
  [0xa500, 0xa500],
]
const GPS_TAGS: readonly Range[] = [[0, 0x1f]]

/** Type of a text; texts of Exif 3.0 have another. */
const ASCII = 2
const SHORT = 3
const LONG = 4
const RATIONAL = 5
const INCH = 2
const CENTRED = 1
const SRGB = 1

/** Selection of the EXIF of an output. */
export interface ExifSelection {
  readonly keep: Keep
  /** @default 1 */
  readonly orientation?: number | undefined
  /** Author and copyright from elsewhere, for EXIF that has none. */
  readonly credit?: Credit
  /** Values that replace those of the source. */
  readonly written?: Written
}

/** Returns the directories that are kept; undefined if nothing is left but the resolution and orientation 1. */
export function selectTags(
  block: ExifBlock | undefined,
  selection: ExifSelection,
): ExifDirectories | undefined {
  const { keep, orientation = 1, credit = {}, written = {} } = selection
  const { littleEndian = true } = block ?? {}
  const pick = (entries: Iterable<ExifEntry> | undefined, ranges: readonly Range[]) =>
    [...(entries ?? [])].filter(({ tag, type }) => isIn(ranges, tag) && isExifType(type))
  const added = toEntries(written, littleEndian)
  const replaced = new Set(added.map(({ tag }) => tag))
  // Windows shows a text of its own.
  if (replaced.has(TAG.artist)) replaced.add(TAG.windowsAuthor)
  const creditTags = (['artist', 'copyright'] as const).flatMap((name) => {
    if (!keep.exif && !keep.copyright) return []
    const own = block?.image.get(TAG[name])
    if (own !== undefined && own.value.some((byte) => byte > 32)) return [own]
    const text = keep.copyright ? credit[name] : undefined
    return text === undefined ? [] : [toText(TAG[name], text)]
  })
  const kept = [...(keep.exif ? pick(block?.image.values(), IMAGE_TAGS) : []), ...creditTags]
  const image = [...kept.filter(({ tag }) => !replaced.has(tag)), ...added]
  const photo = keep.exif
    ? pick(block?.photo.values(), PHOTO_TAGS).map((entry) => withSrgb(entry, keep, littleEndian))
    : []
  const gps = keep.gps ? pick(block?.gps.values(), GPS_TAGS) : []
  const says = describesPicture({ image, photo, gps }) || added.length > 0
  const oriented = orientation !== 1 || (block?.image.has(TAG.orientation) === true && keepsExif(keep))
  if (!says && !oriented) return undefined
  const tag = toNumber(TAG.orientation, orientation, SHORT, littleEndian)
  return { littleEndian, image: [...(says ? image : []), ...(oriented ? [tag] : [])], photo, gps }
}

/** Returns the tags of values that are written. */
function toEntries(
  { artist, copyright, description, density }: Written,
  littleEndian: boolean,
): readonly ExifEntry[] {
  const texts = [
    [TAG.description, description],
    [TAG.artist, artist],
    [TAG.copyright, copyright],
  ] as const
  return [
    ...texts.flatMap(([tag, value]) => (value === undefined ? [] : [toText(tag, value)])),
    ...(density === undefined ? [] : requiredTags(false, density, littleEndian)),
  ]
}

/** Returns true if directories hold more than the resolution and the orientation. */
export function describesPicture({ image, photo, gps }: Omit<ExifDirectories, 'littleEndian'>): boolean {
  return image.some(({ tag }) => !TECHNICAL.has(tag)) || photo.length > 0 || gps.length > 0
}

/**
 * Returns tags of a resolution in pixels per inch; for a JPEG also YCbCrPositioning: centred, as libjpeg samples chroma (Exif
 * 2.32, section 4.6.8, mandatory tags).
 */
export function requiredTags(isJpeg: boolean, density: number, littleEndian: boolean): readonly ExifEntry[] {
  const value = Buffer.concat([encodeNumber(density, 4, littleEndian), encodeNumber(1, 4, littleEndian)])
  return [
    { tag: 0x011a, type: RATIONAL, count: 1, value },
    { tag: 0x011b, type: RATIONAL, count: 1, value },
    toNumber(0x0128, INCH, SHORT, littleEndian),
    ...(isJpeg ? [toNumber(0x0213, CENTRED, SHORT, littleEndian)] : []),
  ]
}

/** Returns the directories without values longer than a number of bytes. */
export function withoutLongValues(directories: ExifDirectories, bytes: number): ExifDirectories {
  const short = (entries: readonly ExifEntry[]) => entries.filter(({ value }) => value.length <= bytes)
  const { image, photo, gps } = directories
  return { ...directories, image: short(image), photo: short(photo), gps: short(gps) }
}

/** Returns the directories with the size of the output, if they have a size. */
export function withSize(directories: ExifDirectories, { width, height }: Size): ExifDirectories {
  const { littleEndian } = directories
  const sizes = new Map<number, number>([
    [TAG.width, width],
    [TAG.height, height],
  ])
  const photo = directories.photo.map((entry) => {
    const size = sizes.get(entry.tag)
    return size === undefined ? entry : toNumber(entry.tag, size, LONG, littleEndian)
  })
  return { ...directories, photo }
}

function isIn(ranges: readonly Range[], tag: number): boolean {
  return ranges.some(([from, to]) => tag >= from && tag <= to)
}

/** BigTIFF has types that EXIF lacks. */
function isExifType(type: number): boolean {
  return type <= 12 || type === 129
}

/** Without their profile, colours are converted to sRGB. */
function withSrgb(entry: ExifEntry, { icc }: Keep, littleEndian: boolean): ExifEntry {
  return entry.tag === TAG.colourSpace && !icc ? toNumber(entry.tag, SRGB, SHORT, littleEndian) : entry
}

function toNumber(
  tag: number,
  value: number,
  type: typeof SHORT | typeof LONG,
  littleEndian: boolean,
): ExifEntry {
  return { tag, type, count: 1, value: encodeNumber(value, type === SHORT ? 2 : 4, littleEndian) }
}

/**
 * Texts are UTF-8, as the Metadata Working Group advises (Guidelines 2.0, section 4). The type for them of Exif 3.0 (129) is
 * not used: readers of earlier versions skip such a tag.
 */
function toText(tag: number, text: string): ExifEntry {
  const value = Buffer.from(`${text}\0`)
  return { tag, type: ASCII, count: value.length, value }
}
