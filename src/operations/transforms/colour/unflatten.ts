import { defineOp } from '../../define-operation.js'
import { flag } from '../../parameters.js'
import { takeWholePass } from '../../sharp-order.js'

export const unflatten = defineOp({
  name: 'unflatten',
  summary: 'Makes white pixels transparent.',
  ...flag,
  example: true,
  size: (_, from) => from,
  place: (_, pass) => takeWholePass(pass),
  apply: (image) => image.unflatten(),
  changesPicture: () => ({ alpha: true }),
})
