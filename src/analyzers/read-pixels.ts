import type { Sharp, Stats } from 'sharp'
import { sharp } from '../sharp.js'
import { explainSharpError } from '../image/explain-sharp-error.js'

/** What a page most likely shows behind a picture, and what a JPEG of it is put on. */
export const BACKGROUND = '#fff'

/** The RGBA of a picture, colours not multiplied by alpha. */
export async function readRgba(image: Sharp): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** Pixels: about what a screen shows, so that cameras of 3 and 50 MP compare. */
const VIEW_SIDE = 1024

/** sharp's statistics of a picture seen within 1024x1024 pixels, on the background. */
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
  // Statistics are of what goes into a pipeline, so the view has to go into one.
  return sharp(data, { raw: { width, height, channels } }).stats()
}
