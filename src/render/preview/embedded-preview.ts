import type { Metadata } from 'sharp'
import { sharp } from '../../sharp.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { sameSize } from '../../operations/geometry.js'
import type { Picture, Size, RawPixels } from '../../picture.js'
import { openExif } from '../../metadata/exif-reader.js'
import { isSrgb } from '../../metadata/icc-profile.js'
import { addExifToJpeg } from '../../metadata/containers/jpeg.js'
import { TIFF_TYPE, writeTiff } from '../../metadata/tiff-directory.js'
import { openJpegHeader, ORIENTATION } from '../../image/open-jpeg-header.js'
import type { PixelOperation } from '../passes/plan-passes.js'
import { recipeOf, type Recipe } from '../recipe.js'
import { pictureOf, sharpOptions, type OpenImage, type OpenOptions } from '../../image/open-image.js'

/*
 * Cameras store a JPEG of about 160x120 in a photo's EXIF. A thumbnail made from it takes a tenth of the time. It shows
 * the photo as it was taken, in the stored orientation, and may have black bars if its aspect ratio differs (DCF 2.0,
 * section 3.3.4). A program that edits the photo should update it, but may not.
 */

/** The image that a rendition starts from, and the recipe for it. */
export interface RenderStart {
  readonly image: OpenImage
  readonly recipe: Recipe
}

/**
 * Returns the embedded preview of an image, and a recipe that gives the same picture from it. Undefined if the recipe
 * does not ask for a preview, or if there is none that is large enough and shows the same. Needs only the image's
 * header.
 */
export async function embeddedPreview(image: OpenImage, recipe: Recipe): Promise<RenderStart | undefined> {
  const { pixels, keep, autoOrient, preview: asked } = recipe
  const [first, ...rest] = pixels
  if (asked === undefined || first === undefined || Object.values(keep).some(Boolean)) return undefined
  const preview = findPreview(image)
  if (preview === undefined) return undefined
  const from = pictureOf(image, autoOrient, false)
  const onPreview = adaptToPreview(first, from, pictureOf(preview, autoOrient, false))
  if (onPreview === undefined) return undefined
  const decoded = await decodePreview(preview)
  if (decoded === undefined) return undefined
  const adapted: Recipe = { ...recipe, preview: undefined, pixels: [onPreview, ...rest] }
  return { image: canReuse(preview, onPreview) ? { ...preview, decoded } : preview, recipe: adapted }
}

/** Returns the first operation adapted to the preview, with the same output size. Undefined if that is impossible. */
function adaptToPreview(first: PixelOperation, from: Picture, small: Picture): PixelOperation | undefined {
  const { op, params, name } = first
  // A search of the pixels could find something else in fewer of them.
  if ((name !== 'thumbnail' && name !== 'resize') || op.freezeForAnimation?.(params) !== undefined)
    return undefined
  const to = op.size(params, from)
  if (to === undefined || to.width > small.width || to.height > small.height) return undefined
  if (op.scales?.(params) === undefined)
    return sameSize(op.size(params, small) ?? small, to) ? first : undefined
  const { kernel = 'lanczos3' } = params as { kernel?: 'lanczos3' } // a parameter of resize
  // The size comes from the picture: aspect ratios may differ by a pixel.
  const [scaling] = recipeOf(RESIZE_TEMPLATE).pixels
  // Replaces validated parameters: validating them for each picture took as long as reading its header.
  const size = { width: to.width, height: to.height, kernel }
  return scaling && { ...scaling, params: Object.assign({}, scaling.params, size) }
}

/** Template of a resize; size and kernel are replaced. */
const RESIZE_TEMPLATE: readonly ImageOp[] = [{ resize: { width: 1, height: 1, fit: 'fill' } }]

/** Caches a function's result for each image: several renditions may ask for it. */
function cachePerImage<T>(compute: (image: OpenImage) => T): (image: OpenImage) => T {
  const cache = new WeakMap<OpenImage, { readonly result: T }>()
  return (image) => {
    const cached = cache.get(image) ?? { result: compute(image) }
    cache.set(image, cached)
    return cached.result
  }
}

const findPreview = cachePerImage(openPreview)
const decodePreview = cachePerImage(decodeUnframed)

/** Largest relative difference between the aspect ratios of a picture and its preview. */
const ASPECT_TOLERANCE = 0.01

/** Opens an image's preview, if by the headers it shows the same picture. */
function openPreview(image: OpenImage): OpenImage | undefined {
  const { metadata, format, options } = image
  const exif = openExif(metadata.exif)
  const jpeg = exif?.thumbnail
  if (format !== 'jpeg' || jpeg === undefined || !isSrgbOrGrey(metadata, exif?.photo.numbers(COLOUR_SPACE))) {
    return undefined
  }
  const small = openJpegHeader(jpeg, options)
  // A preview with EXIF of its own could have another orientation.
  if (small === undefined || small.metadata.exif !== undefined || small.metadata.space !== metadata.space)
    return undefined
  const ratio = aspect(small.metadata) / aspect(metadata)
  if (Math.abs(ratio - 1) > ASPECT_TOLERANCE) return undefined
  const { orientation = 1 } = metadata
  return orientation === 1
    ? small
    : openJpegHeader(addExifToJpeg(Buffer.from(jpeg), exifOf(orientation)), options)
}

/** EXIF tag. */
const COLOUR_SPACE = 0xa001
const SRGB = 1

/** Returns true if the picture is in sRGB or grey by its profile and EXIF. A preview has no profile of its own. */
function isSrgbOrGrey({ icc, space }: Metadata, [colourSpace = SRGB]: readonly number[] = []): boolean {
  return (space === 'srgb' || space === 'b-w') && colourSpace === SRGB && (icc === undefined || isSrgb(icc))
}

function aspect({ width, height }: Size): number {
  return width / height
}

/** Returns an EXIF block with an orientation and nothing else. */
function exifOf(orientation: number): Buffer {
  return writeTiff([[ORIENTATION, TIFF_TYPE.short, 1, orientation]])
}

/** Brightest sample of a black bar, of 255: JPEG compression brightens black next to a picture. */
const NEARLY_BLACK = 40

/** Decodes a preview. Returns undefined if it decodes with a warning, or has black bars. */
async function decodeUnframed({ bytes, options }: OpenImage): Promise<RawPixels | undefined> {
  const pixels = (await options.fastCodec?.decode(bytes, 1)) ?? (await decodeBySharp(bytes, options))
  return pixels === undefined || hasBars(pixels) ? undefined : pixels
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

function hasBars({ bytes, width, height, channels }: RawPixels): boolean {
  const row = width * channels
  /** Returns true if the samples of a rectangle are all nearly black. `length`: samples of each row. */
  const isDark = (from: number, length: number, rows: number) => {
    for (let at = from; at < from + rows * row; at += row)
      for (let sample = at; sample < at + length; sample++) if (bytes[sample]! > NEARLY_BLACK) return false
    return true
  }
  const hasHorizontalBars = isDark(0, row, 1) && isDark(bytes.length - row, row, 1)
  return hasHorizontalBars || (isDark(0, channels, height) && isDark(row - channels, channels, height))
}

/** Returns true if a first pass would start from the same decoded pixels: sharp might shrink on load, or turn them. */
function canReuse(image: OpenImage, { op, params }: PixelOperation): boolean {
  const { width, height, orientation, icc, space } = image.metadata
  const from = pictureOf(image, true, false)
  const to = op.size(params, from) ?? from
  const isLessThanHalved = width < to.width * 2 || height < to.height * 2
  const isPlain = orientation === undefined && icc === undefined && space === 'srgb'
  return isPlain && isLessThanHalved && !sameSize(to, from)
}
