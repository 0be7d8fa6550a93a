import type { Sharp } from 'sharp'
import type { Encoding } from '../../operations/settings/format.js'
import type { Picture } from '../../picture.js'
import { factsOf } from '../../image/formats.js'
import { colourspace } from '../passes/run-pass.js'

/** The timeline of an animation. */
export interface Timeline {
  /** Milliseconds a frame. */
  readonly delay?: number[]
  /** 0 is for ever. */
  readonly loop?: number
}

/** Encodes the pixels of a picture. */
export function encode(image: Sharp, format: Encoding, picture: Picture, timeline: Timeline = {}): Sharp {
  const holds = factsOf(format)
  const depth = holds.deep ? picture.depth : 8
  const space = picture.space === 'grey' && !holds.grey ? 'rgb' : picture.space
  const out = image.toColourspace(colourspace({ space, depth }))
  switch (format.type) {
    case 'jpeg':
      return out.jpeg(optionsOf(format))
    case 'png':
      return out.png(optionsOf(format))
    case 'webp':
      return out.webp({ ...optionsOf(format), ...timeline })
    case 'avif':
      // 8 bits would band what came with 16.
      return out.avif({ ...(depth === 16 && { bitdepth: 12 }), ...optionsOf(format) })
    case 'gif':
      return out.gif({ ...optionsOf(format), ...timeline })
    case 'tiff':
      return out.tiff({ ...(losesAsJpeg(picture) && { compression: 'deflate' }), ...optionsOf(format) })
  }
}

/** What `format` says to us, not to the encoder. */
type Ours = 'type' | 'maxBytes' | 'neverGrow' | 'similarity'

type Given<T> = { [K in keyof Omit<T, Ours>]: Exclude<T[K], undefined> }

/** The encoder's own options. */
function optionsOf<T extends Encoding>(format: T): Given<T> {
  const ours = { type: undefined, maxBytes: undefined, neverGrow: undefined, similarity: undefined }
  const options = Object.entries(format).filter(([name]) => !(name in ours))
  return Object.fromEntries(options) as Given<T> // the schema leaves out what isn't given
}

function losesAsJpeg({ alpha, depth }: Picture): boolean {
  return alpha || depth === 16
}
