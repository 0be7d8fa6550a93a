import type { Sharp } from 'sharp'
import { sharp } from '../../sharp.js'
import type { Size } from '../../picture.js'
import { explainSharpError } from '../../image/explain-sharp-error.js'
import { BACKGROUND } from '../read-pixels.js'

/** A picture for a model: upright, sRGB, 8 bits a channel, on white, and so small that every look at it is cheap. */
export interface View extends Size {
  /** RGB. */
  readonly data: Buffer
}

/** A part of a view, in pixels. */
export interface Area extends Size {
  readonly left: number
  readonly top: number
}

/**
 * Reads a picture at a reduced size. Decoders of JPEG and WebP shrink while they read.
 *
 * @param side longest side, in pixels.
 * @throws ImgprocError CORRUPT_IMAGE and other errors of a decoder.
 */
export async function readView(image: Sharp, side: number): Promise<View> {
  const { data, info } = await image
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: BACKGROUND })
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw explainSharpError(error, 'decode')
    })
  const { width, height } = info
  return { data: toRgb(data, info.channels), width, height }
}

/** Returns three channels for a grey picture. */
function toRgb(data: Buffer, channels: number): Buffer {
  if (channels === 3) return data
  const rgb = Buffer.alloc((data.length / channels) * 3)
  for (let at = 0; at < rgb.length; at++) rgb[at] = data[Math.floor(at / 3) * channels]!
  return rgb
}

/**
 * Returns an area of a view as a square of pixels for a model. It is scaled to fit inside, and black beside and below, and
 * where it reaches over the borders of the view.
 *
 * @param area overlaps the view.
 * @param side of the square, in pixels.
 */
export async function cutSquare({ data, width, height }: View, area: Area, side: number): Promise<Buffer> {
  const scale = side / Math.max(area.width, area.height)
  const [left, top] = [Math.max(0, area.left), Math.max(0, area.top)]
  const right = Math.min(width, area.left + area.width)
  const bottom = Math.min(height, area.top + area.height)
  const fit = (length: number) => Math.max(1, Math.round(length * scale))
  const gap = (length: number) => Math.min(Math.round(length * scale), side - 1)
  const [before, above] = [gap(left - area.left), gap(top - area.top)]
  const inside = {
    width: Math.min(fit(right - left), side - before),
    height: Math.min(fit(bottom - top), side - above),
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .extract({ left, top, width: right - left, height: bottom - top })
    .resize(inside.width, inside.height, { fit: 'fill' })
    .extend({
      left: before,
      top: above,
      right: side - before - inside.width,
      bottom: side - above - inside.height,
      background: 'black',
    })
    .raw()
    .toBuffer()
}

/** Returns a whole view, stretched to a square of pixels for a model. */
export async function stretchToSquare({ data, width, height }: View, side: number): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side, { fit: 'fill' })
    .raw()
    .toBuffer()
}
