import type { Sharp } from 'sharp'
import { sharp } from '../../../sharp.js'
import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { whole } from '../../parameters.js'
import { SLOT, takeSlot, takeWholePass } from '../../sharp-order.js'

const side = once(() => whole(1, 10_000, 'pixels'))

export const clahe = defineOp({
  name: 'clahe',
  summary: 'Enhances local contrast (contrast-limited adaptive histogram equalisation).',
  params: () =>
    z.strictObject({
      width: side().describe('Width of the region around each pixel, in pixels.'),
      height: side().describe('Height of the region around each pixel, in pixels.'),
      maxSlope: whole(0, 100).default(3).describe('Limit of the contrast gain, 0 to 100; 0 is no limit.'),
    }),
  shorthand: { schema: side, read: (value) => ({ width: value, height: value }) },
  example: 50,
  size: (_, from) => from,
  check({ width, height }, from) {
    if (width <= from.width && height <= from.height) return undefined
    return `a region of ${width}x${height} is larger than the picture, which is ${from.width}x${from.height} here`
  },
  place(_, pass) {
    if (pass.to.alpha || pass.to.depth === 16) return takeWholePass(pass)
    // Sharpening leaves fractions of levels, which the gain would make visible.
    return pass.has('sharpen') ? 'new' : takeSlot(pass, SLOT.clahe)
  },
  async apply(image, region, { from }) {
    // libvips equalises 8-bit pixels only.
    const eightBit = from.depth === 16 ? sharp(await toPng(image.toColourspace('srgb'))) : image
    // Finish the 8-bit work before the pass converts back to 16 bits, where libvips fails.
    if (!from.alpha)
      return from.depth === 16 ? sharp(await toPng(eightBit.clahe(region))) : image.clahe(region)
    // libvips would equalise alpha like a colour, so the colours are equalised without it.
    const colours = await toPng(eightBit.clone().removeAlpha().clahe(region))
    // If a planned border had no pixels, the picture still lacks an alpha channel.
    const alpha = await toPng(eightBit.ensureAlpha().extractChannel('alpha'))
    return sharp(await toPng(sharp(colours).joinChannel(alpha)))
  },
})

function toPng(image: Sharp): Promise<Buffer> {
  // The end of the pass decides which metadata to keep.
  return image.keepMetadata().png({ compressionLevel: 0 }).toBuffer()
}
