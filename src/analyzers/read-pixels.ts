import type { Sharp, Stats } from 'sharp'
import { sharp } from '../sharp.js'
import { explainSharpError } from '../image/explain-sharp-error.js'

/** Background for transparent pictures: the usual colour of a page, and that of JPEG outputs. */
export const BACKGROUND = '#fff'

/** Returns the RGBA pixels of a picture, 8 bits per channel, not premultiplied. */
export async function readRgba(image: Sharp): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** Pixels: about a screen's size, which makes photos of 3 and 50 MP comparable. */
const VIEW_SIDE = 1024

/**
 * Returns sharp's statistics of a picture, shrunk into 1024x1024 pixels and flattened. Throws decode errors such as
 * CORRUPT_IMAGE.
 */
export async function readStats(image: Sharp): Promise<Stats> {
  const { data, info } = await image
    .resize(VIEW_SIDE, VIEW_SIDE, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: BACKGROUND })
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw explainSharpError(error, 'decode')
    })
  const { width, height, channels } = info
  // stats() ignores the operations of its pipeline, so the shrunk pixels need a pipeline of their own.
  return sharp(data, { raw: { width, height, channels } }).stats()
}
