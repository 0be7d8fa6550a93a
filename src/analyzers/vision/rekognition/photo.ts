import type { Sharp } from 'sharp'
import { sharp } from '../../../sharp.js'
import type { Region } from '../types.js'
import { readView } from '../view.js'

/** Pixels: the service finds faces from 40 pixels on in 1920, and more pixels only take longer. */
const MAX_SIDE = 1920
/** The service refuses pictures with a shorter side. */
const MIN_SIDE = 80
const QUALITY = 90

/** A picture as it is sent. */
export interface Photo {
  /** JPEG without metadata, of at most 5 MB. */
  readonly bytes: Uint8Array
  /** Converts a box in fractions of what was sent to fractions of the picture. */
  readonly toPicture: (box: Box | undefined) => Region
}

/** A box as the service returns it. */
export interface Box {
  readonly Left?: number | undefined
  readonly Top?: number | undefined
  readonly Width?: number | undefined
  readonly Height?: number | undefined
}

/** Prepares a picture for the service: upright, reduced, and at least as large as it has to be, by a white border. */
export async function toPhoto(image: Sharp): Promise<Photo> {
  const { data, width, height } = await readView(image, MAX_SIDE)
  const right = Math.max(0, MIN_SIDE - width)
  const bottom = Math.max(0, MIN_SIDE - height)
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .extend({ right, bottom, background: 'white' })
    .jpeg({ quality: QUALITY })
    .toBuffer()
  const across = (width + right) / width
  const down = (height + bottom) / height
  return {
    bytes,
    toPicture: ({ Left = 0, Top = 0, Width = 0, Height = 0 } = {}) => ({
      left: Left * across,
      top: Top * down,
      width: Width * across,
      height: Height * down,
    }),
  }
}
