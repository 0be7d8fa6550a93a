import { z } from 'zod'
import { defineOp } from './op.js'
import { SLOT, take } from './slots.js'

const sigma = z
  .number({ error: 'a number from 0.3 to 1000' })
  .min(0.3, { error: 'a number from 0.3 to 1000' })
  .max(1000, { error: 'a number from 0.3 to 1000' })

export const blur = defineOp({
  name: 'blur',
  summary: 'Blurs the picture with a Gaussian.',
  params: z.strictObject({ sigma: sigma.describe('Standard deviation of the Gaussian in pixels.') }),
  shorthand: { schema: sigma, read: (value) => ({ sigma: value }) },
  example: 2,
  size: (_, from) => from,
  // With alpha a pass works on premultiplied pixels from its resize to the end, and rounds only there.
  place: (_, pass) => (pass.to.alpha && pass.has('thumbnail', 'resize') ? 'new' : take(pass, SLOT.blur)),
  apply: (image, params) => image.blur(params.sigma),
})
