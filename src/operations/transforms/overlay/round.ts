import { z } from 'zod'
import { defineOp } from '../../define-operation.js'
import { lengthFromEdge } from '../../parameters.js'
import { inPixels } from '../../geometry.js'
import { takeCompositeSlot } from '../../sharp-order.js'

export const round = defineOp({
  name: 'round',
  summary: 'Rounds the corners; 50% gives a circle or an ellipse.',
  params: () =>
    z.strictObject({
      radius: lengthFromEdge().describe('Corner radius in pixels or per cent of each side.'),
    }),
  shorthand: { schema: lengthFromEdge, read: (radius) => ({ radius }) },
  example: '50%',
  size: (_, from) => from,
  place: (_, pass) => takeCompositeSlot(pass),
  apply(image, { radius }, { from: { width, height, depth } }) {
    const rx = Math.min(inPixels(radius, width), width / 2)
    const ry = Math.min(inPixels(radius, height), height / 2)
    const mask = `<svg width="${width}" height="${height}"><rect width="${width}" height="${height}" rx="${rx}" ry="${ry}"/></svg>`
    // By default, libvips composites in 8 bits.
    const deep = depth === 16 ? image.pipelineColourspace('rgb16') : image
    return deep.composite([{ input: Buffer.from(mask), blend: 'dest-in' }])
  },
  changesPicture: () => ({ alpha: true }),
})
