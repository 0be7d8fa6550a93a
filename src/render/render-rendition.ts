import { sharp } from '../sharp.js'
import { ImgprocError } from '../errors.js'
import { readOps } from '../operations/parse-operations.js'
import type { FormatType } from '../operations/settings/format.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { sameSize } from '../operations/geometry.js'
import type { Picture } from '../picture.js'
import { defaultFormat, factsOf, FORMATS } from '../image/formats.js'
import { applyToPicture, type PixelOperation } from './passes/plan-passes.js'
import { embeddedPreview, type RenderStart } from './preview/embedded-preview.js'
import { keepsProfile } from './keeps-profile.js'
import { renderFrames } from './render-animation.js'
import type { PassOptions } from './passes/types.js'
import { checkOperations } from './passes/run-passes.js'
import { toRecipe, type Recipe, recipeOf } from './recipe.js'
import type { Keep } from '../metadata/keep.js'
import { isAnimated, pictureOf, type OpenImage } from '../image/open-image.js'
import { filterXmp } from '../metadata/xmp-filter.js'
import type { EncodingDetails, ImageInfo, Rendered } from '../image/types.js'
import { renderStill } from './render-still.js'

/** Makes one rendition of an opened image, and reads from its header what it is. */
export async function renderRendition(image: OpenImage, ops: readonly ImageOp[]): Promise<Rendered> {
  const { data, format, found } = await encodeRendition(image, ops)
  return { data, info: { ...(await readInfo(data, format)), ...found } }
}

/** An encoded rendition, and what a manifest says of it. */
export interface Encoded {
  readonly data: Buffer
  readonly format: FormatType
  readonly width: number
  readonly height: number
  readonly pages: number
  readonly found: EncodingDetails
}

/**
 * Makes one rendition of an opened image: its operations in the order written, then the encoder.
 *
 * @param shared what it has in common with other renditions, and what is left to do from there.
 */
export async function encodeRendition(
  image: OpenImage,
  ops: readonly ImageOp[],
  shared?: RenderStart,
): Promise<Encoded> {
  const recipe = recipeOf(ops)
  if (shared !== undefined) return encodeRecipe(shared.image, shared.recipe)
  const start = await embeddedPreview(image, recipe)
  if (start === undefined) return encodeRecipe(image, recipe)
  const encoded = await encodeRecipe(start.image, start.recipe)
  return { ...encoded, found: { ...encoded.found, preview: 'embedded' } }
}

async function encodeRecipe(image: OpenImage, recipe: Recipe): Promise<Encoded> {
  const { format, animated, picture, pixels, keep } = target(image, recipe)
  checkOperations(pixels, picture, image.options.limits)
  const { autoOrient } = recipe
  const options: PassOptions = {
    keep,
    autoOrient,
    orientation: autoOrient ? undefined : orientationOf(image),
    xmp: cleanXmp(image, keep),
    density: image.metadata.density,
    tellsDensity: format.type === 'png' || format.type === 'auto',
    timeout: image.options.limits.seconds,
    read: image.options.read ?? refuseToRead,
  }
  const { data, info, to, type, quality, similarity } = animated
    ? await renderFrames(image, pixels, picture, format, options)
    : await renderStill(image, pixels, picture, format, options)
  const said = { width: info.width, height: info.pageHeight ?? info.height, pages: info.pages ?? 1 }
  // sharp's word is taken where our own arithmetic says the same: after some operations it is wrong.
  const size = sameSize(said, to) && said.pages === to.pages ? said : await readInfo(data, type)
  const { width, height, pages = 1 } = size
  const isSource =
    format.neverGrow === true && data.length > image.bytes.length && isUnchanged(image, recipe, type)
  return {
    data: isSource ? Buffer.from(image.bytes) : data,
    format: type,
    width,
    height,
    pages,
    found: { ...(quality !== undefined && { quality }), ...(similarity !== undefined && { similarity }) },
  }
}

/** Whether the source is what was asked for already, but for how it is encoded. */
function isUnchanged(
  { metadata, format: source }: OpenImage,
  { pixels, keep, autoOrient }: Recipe,
  type: FormatType,
): boolean {
  const { exif, icc, xmp, iptc, gainMap, orientation = 1 } = metadata
  const nothingToStrip =
    Object.values(keep).every(Boolean) || (exif ?? icc ?? xmp ?? iptc ?? gainMap) === undefined
  return source === type && pixels.length === 0 && (orientation === 1 || !autoOrient) && nothingToStrip
}

async function refuseToRead(ref: string): Promise<never> {
  throw new ImgprocError('ACCESS_DENIED', `${ref} is not read here.`, { stage: 'read', path: ref })
}

/** An image, upright, and what operations make of it; undefined where only the pixels tell its size. */
export function pictureAfter(image: OpenImage, ops: readonly ImageOp[]): Picture | undefined {
  const recipe = recipeOf(ops)
  return pictureAfterRecipe(pictureOf(image, recipe.autoOrient, false, recipe.density), recipe)
}

/** What a recipe makes of a picture; undefined where only the pixels tell its size. */
export function pictureAfterRecipe(from: Picture, { pixels }: Recipe): Picture | undefined {
  let picture = from
  for (const operation of pixels) {
    if (operation.op.size(operation.params, picture) === undefined) return undefined
    picture = applyToPicture(operation, picture)
  }
  return picture
}

/** What is to be made, settled before anything is decoded. */
function target(image: OpenImage, { pixels, format: asked, keep, autoOrient, density }: Recipe) {
  const still = pictureOf(image, autoOrient, false, density)
  const result = pixels.reduce((picture, operation) => applyToPicture(operation, picture), still)
  const { alpha } = result
  const format = asked ?? defaultFormat(image.format, alpha)
  const holds = factsOf(format)
  const animated = holds.animation && isAnimated(image)
  // GIF, which auto may choose for an animation, holds no profile.
  const anyGif = animated && format.type === 'auto'
  // A profile only means something to the colour space that it is for: where it can't stay, colours become sRGB.
  const icc = keep.icc && !anyGif && keepsProfile(image.metadata.icc, result, holds)
  const picture: Picture = {
    ...pictureOf(image, autoOrient, animated, density),
    ...(still.space === 'cmyk' && !icc && { space: 'rgb' }),
  }
  // Where alpha can't go along, white is what a page most likely shows behind the picture.
  const flattened = alpha && !holds.alpha ? [...pixels, ...onWhite()] : pixels
  return { format, animated, picture, pixels: flattened, keep: { ...keep, icc } }
}

function onWhite(): readonly PixelOperation[] {
  return toRecipe(readOps([{ flatten: 'white' }])).pixels
}

/** The XMP that is kept, where there is any. */
function cleanXmp({ metadata: { xmp } }: OpenImage, keep: Keep): string | undefined {
  if (xmp === undefined || !keep.xmp) return undefined
  const clean = filterXmp(xmp, keep)
  if (clean !== undefined) return clean === '' ? undefined : clean
  // With the position nothing has to go, whatever it says.
  if (keep.gps) return Buffer.from(xmp).toString()
  throw new ImgprocError(
    'INVALID_OPERATION',
    'metadata: the XMP of this image is no XML that can be read and filtered; keep it off the list of what is kept.',
  )
}

/** The orientation, where it says that there is something to turn. */
function orientationOf({ metadata: { orientation } }: OpenImage): number | undefined {
  return orientation === 1 ? undefined : orientation
}

async function readInfo(data: Buffer, format: FormatType): Promise<ImageInfo> {
  const { width, height, pageHeight, pages = 1, channels, hasAlpha } = await sharp(data).metadata()
  return {
    format,
    mime: FORMATS[format].mime,
    width,
    height: pageHeight ?? height,
    bytes: data.length,
    channels,
    hasAlpha,
    ...(pages > 1 && { pages }),
  }
}
