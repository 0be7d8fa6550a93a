import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { number } from '../../parameters.js'
import { SLOT, takeFilterSlot } from '../../sharp-order.js'

const sigma = once(() => number(0.01, 10))
const level = once(() => number(0, 1_000_000))

export const sharpen = defineOp({
  name: 'sharpen',
  summary: 'Sharpens the lightness channel.',
  params: () =>
    z.strictObject({
      sigma: sigma().describe('Standard deviation of the Gaussian mask, in pixels.'),
      m1: level().default(1).describe('Sharpening of flat areas.'),
      m2: level().default(2).describe('Sharpening of jagged areas.'),
      x1: level().default(2).describe('Threshold between flat and jagged areas.'),
      y2: level().default(10).describe('Maximum brightening.'),
      y3: level().default(20).describe('Maximum darkening.'),
    }),
  shorthand: { schema: sigma, read: (value) => ({ sigma: value }) },
  example: 1,
  size: (_, from) => from,
  place: (_, pass) => takeFilterSlot(pass, SLOT.sharpen),
  apply: (image, params) => image.sharpen(params),
})
