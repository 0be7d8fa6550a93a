import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { number } from '../../parameters.js'
import { takeWholePass } from '../../sharp-order.js'

const value = once(() => number(1, 3))

export const gamma = defineOp({
  name: 'gamma',
  summary: 'Brightens dark areas with a gamma curve.',
  params: () => z.strictObject({ value: value().describe('Gamma, 1 to 3; 1 changes nothing.') }),
  shorthand: { schema: value, read: (number) => ({ value: number }) },
  example: 1.5,
  size: (_, from) => from,
  isNoop: (params) => params.value === 1,
  // sharp's gamma darkens before a resize and brightens after it. A separate pass only brightens.
  place: (_, pass) => takeWholePass(pass),
  apply: (image, params) => image.gamma(1, params.value),
})
