import type { Sharp } from 'sharp'
import type { Format, FormatType } from '../ops/format.js'
import type { Picture } from '../ops/picture.js'
import { colourspace } from './run-pass.js'

/** What a format can hold, its media type and the extension of its files. */
export const FORMATS: Record<
  FormatType,
  {
    mime: string
    ext: string
    alpha: boolean
    animation: boolean
    deep: boolean
    grey: boolean
    cmyk: boolean
  }
> = {
  jpeg: {
    mime: 'image/jpeg',
    ext: 'jpg',
    alpha: false,
    animation: false,
    deep: false,
    grey: true,
    cmyk: true,
  },
  png: { mime: 'image/png', ext: 'png', alpha: true, animation: false, deep: true, grey: true, cmyk: false },
  webp: {
    mime: 'image/webp',
    ext: 'webp',
    alpha: true,
    animation: true,
    deep: false,
    grey: false,
    cmyk: false,
  },
  avif: {
    mime: 'image/avif',
    ext: 'avif',
    alpha: true,
    animation: false,
    deep: true,
    grey: false,
    cmyk: false,
  },
  gif: { mime: 'image/gif', ext: 'gif', alpha: true, animation: true, deep: false, grey: false, cmyk: false },
  tiff: {
    mime: 'image/tiff',
    ext: 'tiff',
    alpha: true,
    animation: false,
    deep: true,
    grey: true,
    cmyk: true,
  },
}

/** The format where none is asked for: the source's where a browser shows it, else JPEG, or PNG for alpha. */
export function defaultFormat(source: string, alpha: boolean): Format {
  if (source === 'png' || source === 'webp' || source === 'gif' || source === 'avif' || source === 'jpeg') {
    return { type: source }
  }
  return { type: alpha ? 'png' : 'jpeg' }
}

/** The timeline of an animation. */
export interface Timeline {
  /** Milliseconds a frame. */
  readonly delay?: number[]
  /** 0 is for ever. */
  readonly loop?: number
}

/** Encodes the pixels of a picture. */
export function encode(image: Sharp, format: Format, picture: Picture, timeline: Timeline = {}): Sharp {
  const holds = FORMATS[format.type]
  const depth = holds.deep && !(format.type === 'png' && usesPalette(format)) ? picture.depth : 8
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

type Given<T> = { [K in keyof Omit<T, 'type'>]: Exclude<T[K], undefined> }

/** The encoder's own options. */
function optionsOf<T extends Format>(format: T): Given<T> {
  const { type: _, ...options } = format
  return options as Given<T> // the schema leaves out what isn't given
}

function usesPalette(format: Extract<Format, { type: 'png' }>): boolean {
  return (
    (format.palette ?? format.quality ?? format.effort ?? format.colours ?? format.dither) !== undefined &&
    format.palette !== false
  )
}

function losesAsJpeg({ alpha, depth }: Picture): boolean {
  return alpha || depth === 16
}
