import { z } from 'zod'
import { defineSetting } from '../define-operation.js'
import { number } from '../parameters.js'

const dpi = number(1, 2400)

export const density = defineSetting({
  name: 'density',
  summary:
    'Pixels an inch at which an SVG is drawn; 72 unless given. It decides the size that operations see.',
  params: z.strictObject({
    dpi: dpi.describe('Pixels an inch. Pictures that have pixels already ignore it.'),
  }),
  shorthand: { schema: dpi, read: (value) => ({ dpi: value }) },
  example: 300,
})
