import type { PixelSource, PassOptions } from './passes/types.js'
import type { Encoding, Format } from '../operations/settings/format.js'
import type { EncodedPixels } from './encode/types.js'
import type { Keep } from '../metadata/keep.js'
import type { OpenImage } from '../image/open-image.js'
import type { Picture } from '../picture.js'
import { type PixelOperation, nextPass } from './passes/plan-passes.js'
import type { Sharp } from 'sharp'
import { addExif } from '../metadata/jpeg-exif-segment.js'
import { carriesGainMap, writeWithGainMap } from './gain-map.js'
import { checkOutput } from '../image/limits.js'
import { cleanSource, outputExif } from './output-exif.js'
import { convertDeep } from './convert-16-bit.js'
import { encode } from './encode/encoder.js'
import { finishing, runPasses } from './passes/run-passes.js'
import { isFixedEncoding, searchEncoding } from './encode/search-encoding.js'
import { keepMetadata, openPixelSource, storePixels } from './passes/run-pass.js'
import { transcodeJpeg } from './jpeg-to-jpeg.js'
import { sizeToDraw } from './svg-draw-size.js'

/** What came out of the last pass, what sharp says of it and what it should be. */
interface Finished extends EncodedPixels {
  readonly to: Picture
}

export async function renderStill(
  image: OpenImage,
  operations: readonly PixelOperation[],
  picture: Picture,
  format: Format,
  options: PassOptions,
): Promise<Finished> {
  const first = nextPass(operations, picture)
  const remade = isFixedEncoding(format) ? await transcodeJpeg(first, image, format, options) : undefined
  if (remade !== undefined) return { data: remade, info: first.to, type: 'jpeg', to: first.to }
  const { last: exif, passes } = splitExif(image, picture, format, options)
  const source = await openSource(image, operations, picture, passes)
  const { last, pass } = await runPasses(source, operations, picture, image.options.limits, passes)
  const { to } = pass
  const write = async (pixels: Sharp, as: Encoding) => {
    const made = await encode(pixels, as, to).toBuffer({ resolveWithObject: true })
    return exif === undefined ? made : { ...made, data: addExif(made.data, exif) }
  }
  if (isFixedEncoding(format)) {
    const withMap = (await carriesGainMap(image, first, format, options.keep))
      ? await writeWithGainMap(encode(last, format, to))
      : undefined
    return { ...(withMap ?? (await finishing(write(last, format), source))), type: format.type, to }
  }
  // The pixels are made once, and encoded as often as it takes.
  const { carrier } = await finishing(storePixels(last, pass), source)
  const open = () => keepMetadata(openPixelSource(carrier, false), passes)
  const pixels = { picture: to, open, encodeAs: (as: Encoding) => write(open(), as) }
  return { ...(await finishing(searchEncoding(format, pixels), carrier)), to }
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
): Promise<PixelSource> {
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
