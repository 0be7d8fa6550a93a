import type { Sharp } from 'sharp'
import type { Encoding } from '../../operations/settings/format.js'
import type { Picture } from '../../picture.js'
import { FORMATS } from '../../image/output-formats.js'
import type { Timeline } from './timeline.js'

/** An encoding that sharp writes. */
type SharpEncoding = Exclude<Encoding, { type: 'jxl' }>

/** Returns a function that adds the encoder to a pipeline. */
export function createSharpEncoder(
  format: SharpEncoding,
  picture: Picture,
  timeline: Timeline = {},
): (image: Sharp) => Sharp {
  switch (format.type) {
    case 'jpeg':
      return (image) => image.jpeg(optionsOf(format))
    case 'png':
      return (image) => image.png(optionsOf(format))
    case 'webp':
      return (image) => image.webp({ ...optionsOf(format), ...timeline })
    case 'avif':
      // 8 bits would cause banding in 16-bit pictures.
      return (image) => image.avif({ ...(picture.depth === 16 && { bitdepth: 12 }), ...optionsOf(format) })
    case 'gif':
      return (image) => image.gif({ ...optionsOf(format), ...timeline })
    case 'tiff':
      return (image) =>
        image.tiff({ ...(isUnfitForJpeg(picture) && { compression: 'deflate' }), ...optionsOf(format) })
  }
}

/** Keys of `format` that are not options of the encoder. */
type OwnKey = 'type' | 'maxBytes' | 'neverGrow' | 'similarity'

type EncoderOptions<T> = { [K in keyof Omit<T, OwnKey>]: Exclude<T[K], undefined> }

/** Returns the options of sharp's encoder. */
function optionsOf<T extends SharpEncoding>(format: T): EncoderOptions<T> {
  const ownKeys = { type: undefined, maxBytes: undefined, neverGrow: undefined, similarity: undefined }
  const options = Object.entries(format).filter(([name]) => !(name in ownKeys))
  return Object.fromEntries(options) as EncoderOptions<T> // the schema leaves out absent keys
}

/** Returns true if JPEG compression in a TIFF would lose alpha or depth, or cannot hold the picture. */
function isUnfitForJpeg({ alpha, depth, width, height }: Picture): boolean {
  return alpha || depth === 16 || Math.max(width, height) > FORMATS.jpeg.maxSide
}
