import { z } from 'zod'
import { once } from '../../utils/once.js'
import { defineSetting } from '../define-operation.js'
import { number } from '../parameters.js'

const dpi = once(() => number(1, 2400))

export const density = defineSetting({
  name: 'density',
  summary: 'Sets the resolution for drawing an SVG, in pixels per inch; 72 by default.',
  params: () =>
    z.strictObject({
      dpi: dpi().describe(
        'Pixels per inch, 1 to 2400. Sets the size that operations see; raster images ignore it.',
      ),
    }),
  shorthand: { schema: dpi, read: (value) => ({ dpi: value }) },
  example: 300,
})
