import type { Sharp } from 'sharp'
import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp, type OpContext } from '../../define-operation.js'
import { colour, number, toSharpColour, whole } from '../../parameters.js'
import { fitBackground } from '../../background.js'
import { freezeTrim } from '../../fix-animation-crop.js'
import { takeWholePass } from '../../sharp-order.js'

const threshold = once(() => number(0, 255))

const params = () =>
  z.strictObject({
    threshold: threshold()
      .default(10)
      .describe(
        'Maximum difference from the border colour, 0 to 255. A picture with a side of 1 or 2 pixels stays as it is.',
      ),
    background: colour().optional().describe('Border colour; by default that of the top left pixel.'),
    margin: whole(0, 10_000, 'pixels').default(0).describe('Pixels of the border to keep.'),
  })

type Params = z.output<ReturnType<typeof params>>

export const trim = defineOp({
  name: 'trim',
  summary: 'Removes borders of one colour.',
  params,
  shorthand: {
    schema: () => z.union([z.literal(true), threshold()], { error: 'true, or a number from 0 to 255' }),
    read: (value) => (value === true ? {} : { threshold: value }),
  },
  example: true,
  size: () => undefined,
  // libvips' search compares with a window of 3x3 pixels (`vips_find_trim`).
  isNoop: (_, { width, height }) => width < 3 || height < 3,
  place: (_, pass) => takeWholePass(pass),
  keepsInk: ({ background }) => background === undefined,
  moveRegion: () => undefined,
  apply: (image, params, context) => trimBorder(image, params, context),
  freezeForAnimation: (params) => freezeTrim((image, context) => trimBorder(image, params, context)),
})

function trimBorder(
  image: Sharp,
  { threshold: level, background, margin }: Params,
  context: OpContext,
): Sharp {
  const { from } = context
  if (background !== undefined) {
    const trimmed = image.trim({ threshold: level, background: toSharpColour(background), margin })
    return fitBackground(trimmed, 'trimBackground', context)
  }
  // sharp scales the threshold to 16 bits only if a background is given.
  return image.trim({ threshold: from.depth === 16 ? level * 257 : level, margin })
}
