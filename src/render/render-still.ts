import type { PixelSource, PassOptions } from './passes/types.js'
import type { Encoding, Format } from '../operations/settings/format.js'
import type { EncodedPixels } from './encode/types.js'
import type { OpenImage } from '../image/open-image.js'
import type { Picture } from '../picture.js'
import { isColourful, type PixelOperation, nextPass } from './passes/plan-passes.js'
import type { Sharp } from 'sharp'
import { limitSharp } from '../image/explain-sharp-error.js'
import { checkOutput } from '../image/limits.js'
import { convertSource } from './convert-source.js'
import { encode } from './encode/encoder.js'
import { explainErrors } from './passes/explain-errors.js'
import { runPasses } from './passes/run-passes.js'
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
  const source = await toPixelSource(image, operations, picture, options)
  const { last, pass } = await runPasses(source, operations, picture, image.options.limits, options)
  const { to } = pass
  const { timeout } = options
  const write = async (pixels: Sharp, as: Encoding) => {
    const { data, info } = await encode(pixels, as, to, options)
    return { data: await options.attach(data, as.type), info }
  }
  if (isFixedEncoding(format))
    return { ...(await explainErrors(write(last, format), source, timeout)), type: format.type, to }
  // The pixels are rendered once, and encoded as often as the search needs.
  const { source: stored, width, height } = await explainErrors(storePixels(last, pass), source, timeout)
  const open = () => keepMetadata(openPixelSource(stored, false), options)
  const pixels = {
    picture: { ...to, width, height },
    open,
    encodeAs: (as: Encoding) => limitSharp(write(open(), as), timeout, 'encode'),
  }
  return { ...(await explainErrors(searchEncoding(format, pixels), stored, Infinity)), to }
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
    const source = { kind: 'source', image, bytes: image.bytes } as const
    const getsColour = operations.some(isColourful)
    return explainErrors(convertSource(source, picture, getsColour, options), source, options.timeout)
  }
  const size = sizeToDraw(operations, picture)
  checkOutput('drawing', { ...picture, ...size }, image.options.limits)
  return { kind: 'stored', bytes: await image.draw(size) }
}
