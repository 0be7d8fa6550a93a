import type { Sharp } from 'sharp'
import type { Encoding } from '../../operations/settings/format.js'
import type { Picture } from '../../picture.js'
import { factsOf, FORMATS } from '../../image/output-formats.js'
import type { Timeline } from './timeline.js'
import { colourspace } from '../passes/run-pass.js'

/** Adds the encoder to a sharp pipeline. Converts to the depth and colour space that the format stores. */
export function encode(image: Sharp, format: Encoding, picture: Picture, timeline: Timeline = {}): Sharp {
  const facts = factsOf(format)
  const depth = facts.deep ? picture.depth : 8
  const space = picture.space === 'grey' && !facts.grey ? 'rgb' : picture.space
  const out = image.toColourspace(colourspace({ space, depth }))
  switch (format.type) {
    case 'jpeg':
      return out.jpeg(optionsOf(format))
    case 'png':
      return out.png(optionsOf(format))
    case 'webp':
      return out.webp({ ...optionsOf(format), ...timeline })
    case 'avif':
      // 8 bits would cause banding in 16-bit pictures.
      return out.avif({ ...(depth === 16 && { bitdepth: 12 }), ...optionsOf(format) })
    case 'gif':
      return out.gif({ ...optionsOf(format), ...timeline })
    case 'tiff':
      return out.tiff({ ...(isUnfitForJpeg(picture) && { compression: 'deflate' }), ...optionsOf(format) })
  }
}

/** Keys of `format` that are not options of the encoder. */
type OwnKey = 'type' | 'maxBytes' | 'neverGrow' | 'similarity'

type EncoderOptions<T> = { [K in keyof Omit<T, OwnKey>]: Exclude<T[K], undefined> }

/** Returns the options of sharp's encoder. */
function optionsOf<T extends Encoding>(format: T): EncoderOptions<T> {
  const ownKeys = { type: undefined, maxBytes: undefined, neverGrow: undefined, similarity: undefined }
  const options = Object.entries(format).filter(([name]) => !(name in ownKeys))
  return Object.fromEntries(options) as EncoderOptions<T> // the schema leaves out absent keys
}

/** Returns true if JPEG compression in a TIFF would lose alpha or depth, or cannot hold the picture. */
function isUnfitForJpeg({ alpha, depth, width, height }: Picture): boolean {
  return alpha || depth === 16 || Math.max(width, height) > FORMATS.jpeg.maxSide
}
