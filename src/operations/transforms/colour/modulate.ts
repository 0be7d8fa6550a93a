import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import { number, whole } from '../../parameters.js'
import { SLOT, takeFilterSlot } from '../../sharp-order.js'

const factor = once(() => number(0, 100))

export const modulate = defineOp({
  name: 'modulate',
  summary: 'Adjusts brightness, saturation, hue and lightness.',
  params: () =>
    z
      .strictObject({
        brightness: factor().default(1).describe('Factor for the lightness, 0 to 100.'),
        saturation: factor().default(1).describe('Factor for the chroma, 0 to 100; 0 gives grey.'),
        hue: whole(-3600, 3600, 'degrees').default(0).describe('Hue rotation, in degrees.'),
        lightness: number(-100, 100).default(0).describe('Value added to the lightness, -100 to 100.'),
      })
      .refine((change) => Object.values(change).join(' ') !== '1 1 0 0', { error: 'at least one change' }),
  example: { brightness: 1.2, saturation: 0.8 },
  size: (_, from) => from,
  place: (_, pass) => takeFilterSlot(pass, SLOT.modulate),
  apply: (image, change) => image.modulate(change),
})
