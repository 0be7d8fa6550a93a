import type { PixelSource, PassOptions } from './passes/types.js'
import type { Encoding, Format } from '../operations/settings/format.js'
import type { EncodedPixels } from './encode/types.js'
import type { Keep } from '../metadata/keep.js'
import type { OpenImage } from '../image/open-image.js'
import type { Picture } from '../picture.js'
import { isColourful, type PixelOperation, nextPass } from './passes/plan-passes.js'
import type { Sharp } from 'sharp'
import { addExif } from '../metadata/jpeg-exif-segment.js'
import { canKeepGainMap, writeWithGainMap } from './gain-map.js'
import { limitSharp } from '../image/explain-sharp-error.js'
import { checkOutput } from '../image/limits.js'
import { filterSourceExif, outputExif } from './output-exif.js'
import { convertSource } from './convert-source.js'
import { encode } from './encode/encoder.js'
import { explainErrors, runPasses } from './passes/run-passes.js'
import { isFixedEncoding, searchEncoding } from './encode/search-encoding.js'
import { keepMetadata, openPixelSource, storePixels } from './passes/run-pass.js'
import { transcodeJpeg } from './jpeg-to-jpeg.js'
import { sizeToDraw } from './svg-draw-size.js'

/** An encoded picture, and its computed facts. */
interface RenderedStill extends EncodedPixels {
  readonly to: Picture
}

/** Renders a still: the fast JPEG path if possible, else passes through sharp. */
export async function renderStill(
  image: OpenImage,
  operations: readonly PixelOperation[],
  picture: Picture,
  format: Format,
  options: PassOptions,
): Promise<RenderedStill> {
  const first = nextPass(operations, picture)
  const transcoded = isFixedEncoding(format)
    ? await limitSharp(transcodeJpeg(first, image, format, options), options.timeout, 'render')
    : undefined
  if (transcoded !== undefined) return { data: transcoded, info: first.to, type: 'jpeg', to: first.to }
  const { exifForOutput: exif, passes } = splitExif(image, picture, format, options)
  const source = await toPixelSource(image, operations, picture, passes)
  const { last, pass } = await runPasses(source, operations, picture, image.options.limits, passes)
  const { to } = pass
  const { timeout } = options
  const write = async (pixels: Sharp, as: Encoding) => {
    const encoded = await encode(pixels, as, to).toBuffer({ resolveWithObject: true })
    return exif === undefined ? encoded : { ...encoded, data: addExif(encoded.data, exif) }
  }
  if (isFixedEncoding(format)) {
    const withGainMap = (await canKeepGainMap(image, first, format, options.keep))
      ? await writeWithGainMap(encode(last, format, to))
      : undefined
    return {
      ...(withGainMap ?? (await explainErrors(write(last, format), source, timeout))),
      type: format.type,
      to,
    }
  }
  // The pixels are rendered once, and encoded as often as the search needs.
  const { source: stored } = await explainErrors(storePixels(last, pass), source, timeout)
  const open = () => keepMetadata(openPixelSource(stored, false), passes)
  const pixels = {
    picture: to,
    open,
    encodeAs: (as: Encoding) => limitSharp(write(open(), as), timeout, 'encode'),
  }
  return { ...(await explainErrors(searchEncoding(format, pixels), stored, Infinity)), to }
}

/** CMYK is stored as TIFF between passes, and libvips writes no EXIF there. Adds it to the final JPEG instead. */
function splitExif(image: OpenImage, { space }: Picture, { type }: Format, options: PassOptions) {
  const { keep, orientation } = options
  const exif = space === 'cmyk' && type === 'jpeg' ? outputExif(image, keep, orientation) : undefined
  if (exif === undefined) return { exifForOutput: undefined, passes: options }
  const without: Keep = { ...keep, exif: false, copyright: false, gps: false }
  return { exifForOutput: exif, passes: { ...options, keep: without, orientation: undefined } }
}

/** Returns the input of the first pass: the source, or an SVG drawn at the size that the operations need. */
async function toPixelSource(
  image: OpenImage,
  operations: readonly PixelOperation[],
  picture: Picture,
  options: PassOptions,
): Promise<PixelSource> {
  if (image.decoded !== undefined) return { kind: 'raw', ...image.decoded }
  if (image.draw === undefined) {
    const source = {
      kind: 'source',
      image,
      bytes: filterSourceExif(image, options.keep, options.orientation),
    } as const
    const getsColour = operations.some(isColourful)
    return explainErrors(convertSource(source, picture, getsColour, options), source, options.timeout)
  }
  const size = sizeToDraw(operations, picture)
  checkOutput('drawing', { ...picture, ...size }, image.options.limits)
  return { kind: 'stored', bytes: await image.draw(size) }
}
