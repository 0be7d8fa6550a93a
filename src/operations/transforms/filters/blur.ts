import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { number } from '../../parameters.js'
import { SLOT, takeFilterSlot } from '../../sharp-order.js'

const sigma = once(() => number(0.3, 1000))

export const blur = defineOp({
  name: 'blur',
  summary: 'Applies a Gaussian blur.',
  params: () => z.strictObject({ sigma: sigma().describe('Standard deviation of the Gaussian, in pixels.') }),
  shorthand: { schema: sigma, read: (value) => ({ sigma: value }) },
  example: 2,
  size: (_, from) => from,
  place: (_, pass) => takeFilterSlot(pass, SLOT.blur),
  keepsInk: () => true,
  apply: (image, params) => image.blur(params.sigma),
})
