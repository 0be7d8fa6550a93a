import sharp, { type Sharp } from 'sharp'
import { ImgprocError } from '../errors.js'
import { readOps } from '../ops/index.js'
import type { Format, FormatType } from '../ops/format.js'
import type { ImageOp } from '../ops/image-op.js'
import { sameSize } from '../ops/params.js'
import type { Picture, Size } from '../ops/picture.js'
import { encode } from './encode.js'
import { defaultFormat, factsOf, FORMATS } from './formats.js'
import { filterExif } from './exif.js'
import { after, type PixelOperation } from './passes.js'
import { renderFrames } from './render-frames.js'
import { fitBytes, hasMaxBytes, type Fitted } from './max-bytes.js'
import { keepMetadata, openCarrier, store, type Carrier, type PassOptions } from './run-pass.js'
import { checkOperations, finishing, runPasses } from './run-passes.js'
import { keepsExif, toRecipe, type Keep, type Recipe } from './settings.js'
import { isAnimated, pictureOf, type OpenImage } from './source.js'
import type { ImageInfo, Rendered } from './types.js'

/** Makes one rendition of an opened image, and reads from its header what it is. */
export async function render(image: OpenImage, ops: readonly ImageOp[]): Promise<Rendered> {
  const { data, format, quality } = await encodeRendition(image, ops)
  const info = await readInfo(data, format)
  return { data, info: { ...info, ...(quality !== undefined && { quality }) } }
}

/** An encoded rendition, and what a manifest says of it. */
export interface Encoded {
  readonly data: Buffer
  readonly format: FormatType
  readonly width: number
  readonly height: number
  readonly pages: number
  /** What `maxBytes` came to. */
  readonly quality: number | undefined
}

/** Makes one rendition of an opened image: its operations in the order written, then the encoder. */
export async function encodeRendition(image: OpenImage, ops: readonly ImageOp[]): Promise<Encoded> {
  const recipe = toRecipe(readOps(ops))
  const { format, animated, picture, pixels } = target(image, recipe)
  checkOperations(pixels, picture, image.options.limits)
  // A CMYK profile only means something in a format that holds CMYK.
  const keep =
    picture.space === 'cmyk' || image.metadata.space !== 'cmyk' ? recipe.keep : { ...recipe.keep, icc: false }
  const { autoOrient } = recipe
  const options: PassOptions = {
    keep,
    autoOrient,
    orientation: autoOrient ? undefined : orientationOf(image),
    timeout: image.options.limits.seconds,
    read: image.options.read ?? refuseToRead,
  }
  const { data, info, to, quality } = animated
    ? await renderFrames(image, pixels, picture, format, options)
    : await renderStill(image, pixels, picture, format, options)
  const said = { width: info.width, height: info.pageHeight ?? info.height, pages: info.pages ?? 1 }
  // sharp's word is taken where our own arithmetic says the same: after some operations it is wrong.
  const size = sameSize(said, to) && said.pages === to.pages ? said : await readInfo(data, format.type)
  const { width, height, pages = 1 } = size
  const isSource =
    format.neverGrow === true && data.length > image.bytes.length && isUnchanged(image, recipe, format)
  return {
    data: isSource ? Buffer.from(image.bytes) : data,
    format: format.type,
    width,
    height,
    pages,
    quality,
  }
}

/** Whether the source is what was asked for already, but for how it is encoded. */
function isUnchanged(
  { metadata, format: source }: OpenImage,
  { pixels, keep, autoOrient }: Recipe,
  { type }: Format,
): boolean {
  const { exif, icc, xmp, iptc, orientation = 1 } = metadata
  const nothingToStrip = Object.values(keep).every(Boolean) || (exif ?? icc ?? xmp ?? iptc) === undefined
  return source === type && pixels.length === 0 && (orientation === 1 || !autoOrient) && nothingToStrip
}

async function refuseToRead(ref: string): Promise<never> {
  throw new ImgprocError('ACCESS_DENIED', `${ref} is not read here.`, { stage: 'read', path: ref })
}

/** What came out of the last pass, what sharp says of it and what it should be. */
interface Finished extends Fitted {
  readonly to: Picture
}

/** The size of an image, upright, and of what operations make of it; undefined where only the pixels tell. */
export function sizeAfter(image: OpenImage, ops: readonly ImageOp[]): Size | undefined {
  const { pixels, autoOrient } = toRecipe(readOps(ops))
  let picture = pictureOf(image, autoOrient, false)
  for (const operation of pixels) {
    if (operation.op.size(operation.params, picture) === undefined) return undefined
    picture = after(operation, picture)
  }
  return { width: picture.width, height: picture.height }
}

/** What is to be made, settled before anything is decoded. */
function target(image: OpenImage, { pixels, format: asked, keep, autoOrient }: Recipe) {
  const still = pictureOf(image, autoOrient, false)
  const alpha = pixels.reduce((picture, operation) => after(operation, picture), still).alpha
  const format = asked ?? defaultFormat(image.format, alpha)
  const holds = factsOf(format)
  const animated = holds.animation && isAnimated(image)
  const cmyk = still.space === 'cmyk' && keep.icc && holds.cmyk
  const picture: Picture = {
    ...pictureOf(image, autoOrient, animated),
    ...(still.space === 'cmyk' && !cmyk && { space: 'rgb' }),
  }
  // Where alpha can't go along, white is what a page most likely shows behind the picture.
  const flattened = alpha && !holds.alpha ? [...pixels, ...onWhite()] : pixels
  return { format, animated, picture, pixels: flattened }
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
  const source: Carrier = { kind: 'source', image, bytes: cleanSource(image, options.keep) }
  const { last, pass } = await runPasses(source, operations, picture, image.options.limits, options)
  const { to } = pass
  const write = (pixels: Sharp, as: Format) => encode(pixels, as, to).toBuffer({ resolveWithObject: true })
  if (!hasMaxBytes(format)) return { ...(await finishing(write(last, format), source)), to }
  // The pixels are made once, and encoded as often as it takes.
  const { carrier } = await finishing(store(last, pass), source)
  const again = () => keepMetadata(openCarrier(carrier, false), options)
  return {
    ...(await finishing(
      fitBytes(format, (as) => write(again(), as)),
      carrier,
    )),
    to,
  }
}

/** The source with only that EXIF in it which is kept. */
function cleanSource({ bytes, metadata }: OpenImage, keep: Keep): Uint8Array {
  if (metadata.exif === undefined || !keepsExif(keep)) return bytes
  const clean = filterExif(bytes, metadata.exif, keep)
  if (clean !== undefined) return clean
  throw new ImgprocError(
    'INVALID_OPERATION',
    'metadata: the EXIF of this image is packed in a way that can not be filtered; strip it, or keep only icc.',
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
