import { readOps } from '../operations/parse-operations.js'
import type { FormatType } from '../operations/settings/format.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { sameSize } from '../operations/geometry.js'
import type { Picture } from '../picture.js'
import { checkFits } from '../image/format-fit.js'
import { defaultFormat, factsOf, FORMATS } from '../image/output-formats.js'
import { applyToPicture, type PixelOperation } from './passes/plan-passes.js'
import { describeStill, warnOfHiddenFrames, warnOfLostFrames } from './pages/describe-still.js'
import { openPage } from './pages/open-page.js'
import { embeddedPreview, type RenderStart } from './preview/embedded-preview.js'
import { findFocus } from './find-focus.js'
import { keepGainMap } from './gain-map/keep-gain-map.js'
import { keepsProfile } from './keeps-profile.js'
import { convertsFromSrgb } from './profile-colours.js'
import { renderFrames } from './render-animation.js'
import type { PassOptions } from './passes/types.js'
import { checkOperations, refuseToRead } from './passes/run-passes.js'
import { toRecipe, type Recipe, recipeOf } from './recipe.js'
import { isAnimated, pictureOf, type OpenImage } from '../image/open-image.js'
import { attachMetadata } from './attach-metadata.js'
import { planMetadata, type OutputMetadata } from './output-metadata.js'
import type { EncodingDetails, ImageInfo, Rendered } from '../image/types.js'
import { readOutput } from './read-output.js'
import { renderStill } from './render-still.js'

/** Renders one rendition of an opened image. Reads its `info` from the header of the result. */
export async function renderRendition(image: OpenImage, ops: readonly ImageOp[]): Promise<Rendered> {
  const { data, format, pages, details } = await encodeRendition(image, ops)
  return { data, info: { ...(await readInfo(data, format, pages)), ...details } }
}

/** An encoded rendition, and its facts for the manifest. */
export interface Encoded {
  readonly data: Buffer<ArrayBuffer>
  readonly format: FormatType
  readonly width: number
  readonly height: number
  readonly pages: number
  /** Milliseconds of each frame, and number of times it plays, of an animation as written. */
  readonly timeline: Pick<ImageInfo, 'delay' | 'loop'>
  readonly details: EncodingDetails
}

/**
 * Renders one rendition of an opened image: its operations in the order written, then the encoder. Throws
 * INVALID_OPERATION, TOO_MANY_PIXELS, CORRUPT_IMAGE, TARGET_UNREACHABLE, TIMED_OUT.
 *
 * @param shared pixels that the rendition shares with others, and the recipe that remains for them.
 */
export async function encodeRendition(
  source: OpenImage,
  ops: readonly ImageOp[],
  shared?: RenderStart,
): Promise<Encoded> {
  const given = recipeOf(ops)
  const image = given.page === undefined ? source : await openPage(source, given.page)
  if (shared !== undefined) return encodeRecipe(shared.image, shared.recipe)
  const recipe = await findFocus(image, given)
  const start = await embeddedPreview(image, recipe)
  if (start === undefined) return encodeRecipe(image, recipe)
  const encoded = await encodeRecipe(start.image, start.recipe)
  return { ...encoded, details: { ...encoded.details, preview: 'embedded' } }
}

async function encodeRecipe(image: OpenImage, recipe: Recipe): Promise<Encoded> {
  const { format, animated, picture, pixels, keep } = planOutput(image, recipe)
  // A still of an animated PNG has the depth of its first frame.
  if (!animated && image.format === 'png' && isAnimated(image)) {
    const still = await encodeRecipe(await openPage(image, 0), recipe)
    return recipe.format === undefined ? addWarning(still, warnOfLostFrames(image)) : still
  }
  checkOperations(pixels, picture, image.options.limits)
  const planned = pictureAfterRecipe(picture, { pixels })
  if (planned !== undefined) checkFits(format, planned)
  const { autoOrient } = recipe
  const orientation = autoOrient ? undefined : orientationOf(image)
  const shown = { orientation, isSamePicture: pixels.length === 0 }
  const kept = planMetadata(image, { ...recipe, keep }, shown)
  if (image.onlyFirst !== undefined) kept.warnings.add(warnOfHiddenFrames(image, image.onlyFirst))
  if (image.sequence !== undefined && !animated && recipe.format === undefined)
    kept.warnings.add(warnOfLostFrames(image))
  const tellsDensity = format.type === 'png' || format.type === 'auto'
  const options = toPassOptions(image, kept, { keep, autoOrient, orientation, tellsDensity })
  const encoded = animated
    ? await renderFrames(image, pixels, picture, format, options)
    : await renderStill(image, pixels, picture, format, options)
  const { info, to, type, quality, similarity } = encoded
  const { choosesMetadata } = recipe
  const rendition = { image, operations: pixels, picture, format, choosesMetadata }
  const data = await keepGainMap(rendition, encoded, options, kept.warnings)
  const original = image.original ?? image.bytes
  const isSourceKept =
    format.neverGrow === true && data.length > original.length && isOnlyReencoded(image, recipe, type)
  const written = isSourceKept ? Buffer.from(original) : data
  const reported = { width: info.width, height: info.pageHeight ?? info.height }
  // After some operations sharp reports a wrong size. Trusts it only if it equals the computed one. It reports the frames
  // that it got, but encoders join equal frames.
  const isRight = !animated && sameSize(reported, to)
  const size: Pick<ImageInfo, 'width' | 'height' | 'pages' | 'delay' | 'loop'> = isRight
    ? reported
    : await readInfo(written, type, info.pages)
  const { width, height, pages = 1, delay, loop } = size
  return {
    data: written,
    format: type,
    width,
    height,
    pages,
    timeline: { ...(delay !== undefined && { delay }), ...(loop !== undefined && { loop }) },
    details: {
      ...(quality !== undefined && { quality }),
      ...(similarity !== undefined && { similarity }),
      ...(kept.warnings.size > 0 && !isSourceKept && { warnings: [...kept.warnings] }),
      ...(!animated && !isSourceKept && describeStill(image)),
    },
  }
}

function toPassOptions(
  { metadata: { icc }, options }: OpenImage,
  planned: OutputMetadata,
  own: Pick<PassOptions, 'keep' | 'autoOrient' | 'orientation' | 'tellsDensity'>,
): PassOptions {
  const kept = own.keep.icc ? icc : undefined
  return {
    ...own,
    attach: async (file, as) => attachMetadata(file, as, planned),
    icc: kept,
    xmp: planned.xmp,
    signal: options.signal,
    timeout: options.limits.seconds,
    read: options.read ?? refuseToRead,
    fromSrgb: kept && convertsFromSrgb(kept),
  }
}

function addWarning({ details, ...encoded }: Encoded, warning: string): Encoded {
  return { ...encoded, details: { ...details, warnings: [...(details.warnings ?? []), warning] } }
}

/** Returns true if the rendition differs from the source only in the settings of its encoder. */
function isOnlyReencoded(
  { metadata, format: source, release, hasCredentials = false }: OpenImage,
  { pixels, keep, autoOrient, written, page }: Recipe,
  type: FormatType,
): boolean {
  const { exif, icc, xmp, iptc, gainMap, orientation = 1 } = metadata
  const hasMetadata = hasCredentials || (exif ?? icc ?? xmp ?? iptc ?? gainMap) !== undefined
  const nothingToStrip = Object.values(keep).every(Boolean) || !hasMetadata
  if (Object.values(written).some((value) => value !== undefined)) return false
  // Bytes from a decoder are not the source, and the source has more than the page.
  if (release !== undefined || page !== undefined) return false
  return source === type && pixels.length === 0 && (orientation === 1 || !autoOrient) && nothingToStrip
}

/** Returns the picture after operations on an image. Undefined if its size depends on the pixels. */
export function pictureAfter(image: OpenImage, ops: readonly ImageOp[]): Picture | undefined {
  const recipe = recipeOf(ops)
  return pictureAfterRecipe(pictureOf(image, recipe.autoOrient, false, recipe.density), recipe)
}

/** Returns the picture after a recipe. Undefined if its size depends on the pixels. */
export function pictureAfterRecipe(from: Picture, { pixels }: Pick<Recipe, 'pixels'>): Picture | undefined {
  let picture = from
  for (const operation of pixels) {
    if (operation.op.size(operation.params, picture) === undefined) return undefined
    picture = applyToPicture(operation, picture)
  }
  return picture
}

/** Chooses the format, the pixel operations, and the metadata to keep, before anything is decoded. */
export function planOutput(image: OpenImage, { pixels, format: asked, keep, autoOrient, density }: Recipe) {
  const still = pictureOf(image, autoOrient, false, density)
  const result = pixels.reduce((picture, operation) => applyToPicture(operation, picture), still)
  const { alpha } = result
  const format = asked ?? defaultFormat(image.format, alpha)
  const facts = factsOf(format)
  const animated = facts.animation && isAnimated(image)
  // `auto` may choose GIF for an animation, and GIF stores no profile.
  const mayBeGif = animated && format.type === 'auto'
  // A format without alpha gets a white background, the most likely colour of the page.
  const flattened = alpha && !facts.alpha ? [...pixels, ...onWhite()] : pixels
  // A profile is valid for one colour space only. If it cannot be kept, colours are converted to sRGB.
  const icc = keep.icc && !mayBeGif && keepsProfile(image.metadata.icc, still, flattened, facts)
  const picture: Picture = {
    ...pictureOf(image, autoOrient, animated, density),
    ...(still.space === 'cmyk' && !icc && { space: 'rgb' }),
  }
  return { format, animated, picture, pixels: flattened, keep: { ...keep, icc } }
}

function onWhite(): readonly PixelOperation[] {
  return toRecipe(readOps([{ flatten: 'white' }])).pixels
}

/** Returns the EXIF orientation; undefined if the pixels are stored upright. */
function orientationOf({ metadata: { orientation } }: OpenImage): number | undefined {
  return orientation === 1 ? undefined : orientation
}

/** @param encoded frames that the encoder got, for formats whose header does not tell their number. */
async function readInfo(data: Buffer, format: FormatType, encoded?: number): Promise<ImageInfo> {
  const header = await readOutput(data)
  const { width, height, pageHeight, channels, hasAlpha, delay = [], loop = 0 } = header
  const pages = header.pages ?? (format === 'jxl' ? encoded : undefined) ?? 1
  return {
    format,
    mime: FORMATS[format].mime,
    width,
    height: pageHeight ?? height,
    bytes: data.length,
    channels,
    hasAlpha,
    ...(pages > 1 && { pages, delay, loop }),
  }
}
