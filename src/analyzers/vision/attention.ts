import { sharp } from '../../sharp.js'
import { round } from './boxes.js'
import type { Point } from './types.js'
import type { View } from './view.js'

/**
 * Finds the most salient point of a view: libvips' search `attention`, for the upper or lower half. Found once, it holds for
 * crops of every size.
 */
export async function findAttention({ data, width, height }: View): Promise<Point> {
  if (height < 2) return { left: 0.5, top: 0.5 }
  const { info } = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(width, Math.floor(height / 2), { fit: 'cover', position: 'attention' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { attentionX: x = width / 2, attentionY: y = height / 2 } = info
  return { left: round(x / width), top: round(y / height) }
}
