import type { Metadata } from 'sharp'
import { sharp } from '../../sharp.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { sameSize } from '../../operations/geometry.js'
import type { Picture, Size, RawPixels } from '../../picture.js'
import { openExif } from '../../metadata/exif-reader.js'
import { isSrgb } from '../../metadata/icc-profile.js'
import { addExif } from '../../metadata/jpeg-exif-segment.js'
import { TIFF_TYPE, writeTiff } from '../../metadata/tiff-directory.js'
import { openJpegHeader, ORIENTATION } from '../../image/open-jpeg-header.js'
import type { PixelOperation } from '../passes/plan-passes.js'
import { recipeOf, type Recipe } from '../recipe.js'
import { pictureOf, sharpOptions, type OpenImage, type OpenOptions } from '../../image/open-image.js'

/*
 * A camera puts a JPEG of 160x120 or so into its photo's EXIF, which makes a thumbnail in a tenth of the time. It is
 * the photo as it was taken, unturned as that is stored, and may be framed by black bars where the shapes differ (DCF
 * 2.0, section 3.3.4). A program that edits the photo should renew it, and may not.
 */

/** What a rendition is made from, and what is then to be made of it. */
export interface RenderStart {
  readonly image: OpenImage
  readonly recipe: Recipe
}

/**
 * The small picture that stands in for an image, and what makes of it what a recipe makes of the image. Undefined
 * where that isn't asked for or wouldn't serve. Of the image only the header need be there.
 */
export async function embeddedPreview(image: OpenImage, recipe: Recipe): Promise<RenderStart | undefined> {
  const { pixels, keep, autoOrient } = recipe
  const [first, ...rest] = pixels
  if (recipe.preview === undefined || first === undefined || Object.values(keep).some(Boolean))
    return undefined
  const small = previewOf(image)
  if (small === undefined) return undefined
  const onSmall = moveTo(first, pictureOf(image, autoOrient, false), pictureOf(small, autoOrient, false))
  if (onSmall === undefined) return undefined
  const decoded = await decodeSound(small)
  if (decoded === undefined) return undefined
  const made: Recipe = { ...recipe, preview: undefined, pixels: [onSmall, ...rest] }
  return { image: canReuse(small, onSmall) ? { ...small, decoded } : small, recipe: made }
}

/** The first operation, for the small picture: what it comes to is the same in pixels. Undefined where that can't be. */
function moveTo(first: PixelOperation, from: Picture, small: Picture): PixelOperation | undefined {
  const { op, params, name } = first
  // What searches the pixels might find something else in fewer of them.
  if ((name !== 'thumbnail' && name !== 'resize') || op.freezeForAnimation?.(params) !== undefined)
    return undefined
  const to = op.size(params, from)
  if (to === undefined || to.width > small.width || to.height > small.height) return undefined
  if (op.scales?.(params) === undefined)
    return sameSize(op.size(params, small) ?? small, to) ? first : undefined
  const { kernel = 'lanczos3' } = params as { kernel?: 'lanczos3' } // one of resize's own; thumbnail has none
  // Where the shapes differ by a pixel the size is the picture's.
  const [scaling] = recipeOf(TO_SIZE).pixels
  // Put in afterwards: to validate them for each picture took as long as to read its header.
  const size = { width: to.width, height: to.height, kernel }
  return scaling && { ...scaling, params: Object.assign({}, scaling.params, size) }
}

/** Scales to a size and with a kernel that are put in later. */
const TO_SIZE: readonly ImageOp[] = [{ resize: { width: 1, height: 1, fit: 'fill' } }]

/** However many renditions ask for it, it is looked for once. */
function once<T>(look: (image: OpenImage) => T): (image: OpenImage) => T {
  const seen = new WeakMap<OpenImage, { readonly found: T }>()
  return (image) => {
    const known = seen.get(image) ?? { found: look(image) }
    seen.set(image, known)
    return known.found
  }
}

const previewOf = once(findPreview)
const decodeSound = once(decode)

/** How far the shapes of a picture and its preview may differ. */
const TOLERANCE = 0.01

/** A picture's preview, if by all that headers tell it shows the same. */
function findPreview(image: OpenImage): OpenImage | undefined {
  const { metadata, format, options } = image
  const exif = openExif(metadata.exif)
  const jpeg = exif?.thumbnail
  if (
    format !== 'jpeg' ||
    jpeg === undefined ||
    !isPlainColour(metadata, exif?.photo.numbers(COLOUR_SPACE))
  ) {
    return undefined
  }
  const small = openJpegHeader(jpeg, options)
  // One that says itself how it is to be turned might mean it.
  if (small === undefined || small.metadata.exif !== undefined || small.metadata.space !== metadata.space)
    return undefined
  const ratio = aspect(small.metadata) / aspect(metadata)
  if (Math.abs(ratio - 1) > TOLERANCE) return undefined
  const { orientation = 1 } = metadata
  return orientation === 1 ? small : openJpegHeader(addExif(Buffer.from(jpeg), exifOf(orientation)), options)
}

const COLOUR_SPACE = 0xa001
const SRGB = 1

/** Whether the picture's colours are sRGB: a preview has no profile of its own. */
function isPlainColour({ icc, space }: Metadata, [said = SRGB]: readonly number[] = []): boolean {
  return (space === 'srgb' || space === 'b-w') && said === SRGB && (icc === undefined || isSrgb(icc))
}

function aspect({ width, height }: Size): number {
  return width / height
}

/** Returns an EXIF block with an orientation and nothing else. */
function exifOf(orientation: number): Buffer {
  return writeTiff([[ORIENTATION, TIFF_TYPE.short, 1, orientation]])
}

/** How light a bar may be, of 255: JPEG makes black a little less than that beside a picture. */
const NEARLY_BLACK = 40

/** A preview's pixels, if they come without so much as a warning and show the picture without black bars. */
async function decode({ bytes, options }: OpenImage): Promise<RawPixels | undefined> {
  const pixels = (await options.fastJpeg?.decode(bytes, 1)) ?? (await decodeBySharp(bytes, options))
  return pixels === undefined || isFramed(pixels) ? undefined : pixels
}

async function decodeBySharp(bytes: Uint8Array, options: OpenOptions): Promise<RawPixels | undefined> {
  const decoded = await sharp(bytes, { ...sharpOptions(options), failOn: 'warning' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(() => undefined)
  if (decoded === undefined) return undefined
  const { data, info } = decoded
  return { bytes: data, width: info.width, height: info.height, channels: 3 }
}

function isFramed({ bytes, width, height, channels }: RawPixels): boolean {
  const row = width * channels
  /** Of rows, as far across as is told. */
  const isDark = (from: number, length: number, rows: number) => {
    for (let at = from; at < from + rows * row; at += row)
      for (let sample = at; sample < at + length; sample++) if (bytes[sample]! > NEARLY_BLACK) return false
    return true
  }
  const isBetweenBars = isDark(0, row, 1) && isDark(bytes.length - row, row, 1)
  return isBetweenBars || (isDark(0, channels, height) && isDark(row - channels, channels, height))
}

/** Whether the pixels that were looked at are those that a pass would begin with: sharp may decode fewer, or turn them. */
function canReuse(image: OpenImage, { op, params }: PixelOperation): boolean {
  const { width, height, orientation, icc, space } = image.metadata
  const from = pictureOf(image, true, false)
  const to = op.size(params, from) ?? from
  const isLessThanHalved = width < to.width * 2 || height < to.height * 2
  const isPlain = orientation === undefined && icc === undefined && space === 'srgb'
  return isPlain && isLessThanHalved && !sameSize(to, from)
}
