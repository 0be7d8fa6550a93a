import type { Sharp } from 'sharp'
import { sharp } from '../../sharp.js'
import { z } from 'zod'
import { defineOp } from '../define-operation.js'
import { whole } from '../parameters.js'
import { SLOT, takeSlot, takeWholePass } from '../sharp-order.js'

const side = whole(1, 10_000, 'pixels')

export const clahe = defineOp({
  name: 'clahe',
  summary: 'Brings out local contrast: contrast limited adaptive histogram equalisation.',
  params: z.strictObject({
    width: side.describe('Width in pixels of the region around each pixel.'),
    height: side.describe('Height in pixels of the region around each pixel.'),
    maxSlope: whole(0, 100).default(3).describe('How far contrast may be raised; 0 is without limit.'),
  }),
  shorthand: { schema: side, read: (value) => ({ width: value, height: value }) },
  example: 50,
  size: (_, from) => from,
  check({ width, height }, from) {
    if (width <= from.width && height <= from.height) return undefined
    return `a region of ${width}x${height} is larger than the picture, which is ${from.width}x${from.height} here`
  },
  place: (_, pass) =>
    pass.to.alpha || pass.to.depth === 16 ? takeWholePass(pass) : takeSlot(pass, SLOT.clahe),
  async apply(image, region, { from }) {
    // libvips equalises 8 bits only.
    const eightBit = from.depth === 16 ? sharp(await toPng(image.toColourspace('srgb'))) : image
    // Done before the pixels become 16 bits again, on which libvips fails.
    if (!from.alpha)
      return from.depth === 16 ? sharp(await toPng(eightBit.clahe(region))) : image.clahe(region)
    // It would equalise alpha like a colour: that is put aside, and back when the colours are done.
    const colours = await toPng(eightBit.clone().removeAlpha().clahe(region))
    // A border that turned out to be none has brought no alpha.
    const alpha = await toPng(eightBit.ensureAlpha().extractChannel('alpha'))
    return sharp(await toPng(sharp(colours).joinChannel(alpha)))
  },
})

function toPng(image: Sharp): Promise<Buffer> {
  // What is kept of the metadata the end of the pass decides.
  return image.keepMetadata().png({ compressionLevel: 0 }).toBuffer()
}
