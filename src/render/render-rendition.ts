import type { Sharp } from 'sharp'
import { sharp } from '../sharp.js'
import { ImgprocError } from '../errors.js'
import { readOps } from '../operations/parse-operations.js'
import type { Encoding, Format, FormatType } from '../operations/settings/format.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { sameSize } from '../operations/parameters.js'
import type { Picture } from '../picture.js'
import { convertDeep } from './convert-16-bit.js'
import { encode } from './encode/encoder.js'
import { defaultFormat, factsOf, FORMATS } from '../image/formats.js'
import { addExif } from '../metadata/jpeg-exif-segment.js'
import { carriesGainMap, writeWithGainMap } from './gain-map.js'
import { sizeToDraw } from './svg-draw-size.js'
import { after, nextPass, type PixelOperation } from './passes/plan-passes.js'
import { cleanSource, outputExif } from './output-exif.js'
import { standIn, type Start } from './preview/embedded-preview.js'
import { keepsProfile } from './keeps-profile.js'
import { renderFrames } from './render-animation.js'
import { remake } from './jpeg-to-jpeg.js'
import { keepMetadata, openCarrier, store, type Carrier, type PassOptions } from './passes/run-pass.js'
import { checkOperations, finishing, runPasses } from './passes/run-passes.js'
import { toRecipe, type Keep, type Recipe } from './recipe.js'
import { checkOutput, isAnimated, pictureOf, type OpenImage } from '../image/open-image.js'
import { filterXmp } from '../metadata/xmp-filter.js'
import { isSettled, settleByTrials, type Fitted } from './encode/search-encoding.js'
import type { Found, ImageInfo, Rendered } from '../jobs/types.js'
import { recipeOf } from './recipe-of.js'

/** Makes one rendition of an opened image, and reads from its header what it is. */
export async function render(image: OpenImage, ops: readonly ImageOp[]): Promise<Rendered> {
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
  readonly found: Found
}

/**
 * Makes one rendition of an opened image: its operations in the order written, then the encoder.
 *
 * @param shared what it has in common with other renditions, and what is left to do from there.
 */
export async function encodeRendition(
  image: OpenImage,
  ops: readonly ImageOp[],
  shared?: Start,
): Promise<Encoded> {
  const recipe = recipeOf(ops)
  if (shared !== undefined) return encodeRecipe(shared.image, shared.recipe)
  const start = await standIn(image, recipe)
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

/** What came out of the last pass, what sharp says of it and what it should be. */
interface Finished extends Fitted {
  readonly to: Picture
}

/** An image, upright, and what operations make of it; undefined where only the pixels tell its size. */
export function pictureAfter(image: OpenImage, ops: readonly ImageOp[]): Picture | undefined {
  const recipe = recipeOf(ops)
  return follow(pictureOf(image, recipe.autoOrient, false, recipe.density), recipe)
}

/** What a recipe makes of a picture; undefined where only the pixels tell its size. */
export function follow(from: Picture, { pixels }: Recipe): Picture | undefined {
  let picture = from
  for (const operation of pixels) {
    if (operation.op.size(operation.params, picture) === undefined) return undefined
    picture = after(operation, picture)
  }
  return picture
}

/** What is to be made, settled before anything is decoded. */
function target(image: OpenImage, { pixels, format: asked, keep, autoOrient, density }: Recipe) {
  const still = pictureOf(image, autoOrient, false, density)
  const result = pixels.reduce((picture, operation) => after(operation, picture), still)
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

async function renderStill(
  image: OpenImage,
  operations: readonly PixelOperation[],
  picture: Picture,
  format: Format,
  options: PassOptions,
): Promise<Finished> {
  const first = nextPass(operations, picture)
  const remade = isSettled(format) ? await remake(first, image, format, options) : undefined
  if (remade !== undefined) return { data: remade, info: first.to, type: 'jpeg', to: first.to }
  const { last: exif, passes } = splitExif(image, picture, format, options)
  const source = await openSource(image, operations, picture, passes)
  const { last, pass } = await runPasses(source, operations, picture, image.options.limits, passes)
  const { to } = pass
  const write = async (pixels: Sharp, as: Encoding) => {
    const made = await encode(pixels, as, to).toBuffer({ resolveWithObject: true })
    return exif === undefined ? made : { ...made, data: addExif(made.data, exif) }
  }
  if (isSettled(format)) {
    const withMap = (await carriesGainMap(image, first, format, options.keep))
      ? await writeWithGainMap(encode(last, format, to))
      : undefined
    return { ...(withMap ?? (await finishing(write(last, format), source))), type: format.type, to }
  }
  // The pixels are made once, and encoded as often as it takes.
  const { carrier } = await finishing(store(last, pass), source)
  const open = () => keepMetadata(openCarrier(carrier, false), passes)
  const pixels = { picture: to, open, encodeAs: (as: Encoding) => write(open(), as) }
  return { ...(await finishing(settleByTrials(format, pixels), carrier)), to }
}

/** TIFF, which carries CMYK from pass to pass, has no place for EXIF in libvips: the JPEG gets it in the end. */
function splitExif(image: OpenImage, { space }: Picture, { type }: Format, options: PassOptions) {
  const { keep, orientation } = options
  const exif = space === 'cmyk' && type === 'jpeg' ? outputExif(image, keep, orientation) : undefined
  if (exif === undefined) return { last: undefined, passes: options }
  const without: Keep = { ...keep, exif: false, copyright: false, gps: false }
  return { last: exif, passes: { ...options, keep: without, orientation: undefined } }
}

/** What the first pass reads: the source, or a drawing of it that is as large as the operations need it. */
async function openSource(
  image: OpenImage,
  operations: readonly PixelOperation[],
  picture: Picture,
  options: PassOptions,
): Promise<Carrier> {
  if (image.decoded !== undefined) return { kind: 'raw', ...image.decoded }
  if (image.draw === undefined) {
    const source = {
      kind: 'source',
      image,
      bytes: cleanSource(image, options.keep, options.orientation),
    } as const
    return finishing(convertDeep(source, picture, options), source)
  }
  const size = sizeToDraw(operations, picture)
  checkOutput('drawing', { ...picture, ...size }, image.options.limits)
  return { kind: 'stored', bytes: await image.draw(size) }
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
