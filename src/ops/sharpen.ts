import { z } from 'zod'
import { defineOp } from './op.js'
import { SLOT, take } from './slots.js'

const SIGMA = 'a number from 0.01 to 10'
const sigma = z.number({ error: SIGMA }).min(0.01, { error: SIGMA }).max(10, { error: SIGMA })
const LEVEL = 'a number from 0 to 1000000'
const level = z.number({ error: LEVEL }).min(0, { error: LEVEL }).max(1_000_000, { error: LEVEL })

export const sharpen = defineOp({
  name: 'sharpen',
  summary: 'Sharpens the lightness of the picture.',
  params: z.strictObject({
    sigma: sigma.describe('Standard deviation, in pixels, of the Gaussian mask.'),
    m1: level.default(1).describe('How much flat areas are sharpened.'),
    m2: level.default(2).describe('How much jagged areas are sharpened.'),
    x1: level.default(2).describe('The threshold between flat and jagged.'),
    y2: level.default(10).describe('The most that anything is brightened.'),
    y3: level.default(20).describe('The most that anything is darkened.'),
  }),
  shorthand: { schema: sigma, read: (value) => ({ sigma: value }) },
  example: 1,
  size: (_, from) => from,
  // With alpha sharp works on premultiplied pixels, whose lightness is another.
  place: (_, pass) =>
    pass.to.alpha && pass.has('thumbnail', 'resize', 'blur') ? 'new' : take(pass, SLOT.sharpen),
  apply: (image, params) => image.sharpen(params),
})
