import { z } from 'zod'
import { completeAlpha, fitBackground } from '../../background.js'
import { defineOp } from '../../define-operation.js'
import { colour, isTranslucent, number, toSharpColour } from '../../parameters.js'
import { takeWholePass } from '../../sharp-order.js'

const FOUR = 'four numbers such as 1,0.3,0,1'

const params = () =>
  z
    .strictObject({
      matrix: z
        .array(number(-100, 100))
        .length(4, { error: FOUR })
        .describe('Four numbers a, b, c, d: a point moves to x = a·x + b·y, y = c·x + d·y.'),
      background: colour().default('transparent').describe('Colour of the corners.'),
      interpolator: z
        .enum([
          'nearest',
          'bilinear',
          'bicubic',
          'locallyBoundedBicubic',
          'nohalo',
          'vertexSplitQuadraticBasisSpline',
        ])
        .default('bicubic')
        .describe('How pixels between those of the picture are found.'),
    })
    .refine(({ matrix: [a = 0, b = 0, c = 0, d = 0] }) => Math.abs(a * d - b * c) > 1e-6, {
      error: 'a matrix that can be inverted',
      path: ['matrix'],
    })

/** libvips' names of the interpolators that differ. */
const VIPS_NAMES: Readonly<Record<string, string>> = {
  locallyBoundedBicubic: 'lbb',
  vertexSplitQuadraticBasisSpline: 'vsqbs',
}

export const affine = defineOp({
  name: 'affine',
  summary: 'Shears, scales and rotates by a matrix.',
  params,
  shorthand: {
    schema: () =>
      z.templateLiteral([z.number(), 'x', z.number(), 'x', z.number(), 'x', z.number()], {
        error: 'four numbers such as 1x0.3x0x1',
      }),
    read: (text) => ({ matrix: text.split('x').map(Number) }),
  },
  example: '1x0.3x0x1',
  // libvips rounds the bounding box.
  size: () => undefined,
  check: ({ matrix }, { width, height }) => {
    const [a = 1, b = 0, c = 0, d = 1] = matrix.map(Math.abs)
    const [wide, high] = [a * width + b * height, c * width + d * height]
    const isThere = wide >= 1 && high >= 1
    return isThere ? undefined : 'nothing would remain of the picture'
  },
  isNoop: ({ matrix }) => matrix.join(' ') === '1 0 0 1',
  place: (_, pass) => takeWholePass(pass),
  moveRegion: () => undefined,
  apply(image, { matrix, background, interpolator }, context) {
    const moved = image.affine([...matrix] as [number, number, number, number], {
      background: toSharpColour(background),
      interpolator: (VIPS_NAMES[interpolator] ?? interpolator) as 'bicubic', // one of sharp's interpolators
    })
    return completeAlpha(fitBackground(moved, 'affineBackground', context), background, context)
  },
  changesPicture: ({ background }) => ({ ...(isTranslucent(background) && { alpha: true }) }),
  addsColor: ({ background }) => background,
})
