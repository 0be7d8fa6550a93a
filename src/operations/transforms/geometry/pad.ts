import { z } from 'zod'
import { defineOp } from '../../define-operation.js'
import type { Picture, Size } from '../../../picture.js'
import {
  aspect,
  aspectText,
  colour,
  isAspectText,
  isTranslucent,
  offset,
  toRatio,
  toSharpColour,
} from '../../parameters.js'
import { padWithSelf } from '../../pad-with-self.js'
import { moveInto } from '../../focal.js'
import { sameSize } from '../../geometry.js'
import { addsDeepAlpha, completeAlpha, fitBackground } from '../../background.js'
import { SLOT, takeSlot, takeWholePass } from '../../sharp-order.js'

const params = () =>
  z
    .strictObject({
      top: offset().optional().describe('Pixels to add at the top.'),
      right: offset().optional().describe('Pixels to add on the right.'),
      bottom: offset().optional().describe('Pixels to add at the bottom.'),
      left: offset().optional().describe('Pixels to add on the left.'),
      aspect: aspect()
        .optional()
        .describe('Aspect ratio to pad to, evenly on two opposite sides, instead of pixels.'),
      fill: z
        .enum(['background', 'mirror', 'copy', 'repeat', 'blur', 'average'])
        .default('background')
        .describe(
          'Content of the padding: the background colour, the picture mirrored, its edge copied, the picture repeated, the picture blurred, or its average colour.',
        ),
      background: colour().default('transparent').describe('Colour of the padding.'),
    })
    .refine(
      ({ aspect: ratio, top, right, bottom, left }) =>
        (ratio === undefined) !== ((top ?? right ?? bottom ?? left) === undefined),
      { error: 'pixels on at least one side, or an aspect' },
    )

type Params = z.output<ReturnType<typeof params>>

interface Sides {
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly left: number
}

function resolveSides(
  { top = 0, right = 0, bottom = 0, left = 0, aspect: ratio }: Params,
  from: Size,
): Sides {
  if (ratio === undefined) return { top, right, bottom, left }
  const wantedRatio = toRatio(ratio)
  const width = Math.max(from.width, Math.round(from.height * wantedRatio))
  const height = Math.max(from.height, Math.round(from.width / wantedRatio))
  const [x, y] = [width - from.width, height - from.height]
  return {
    left: Math.floor(x / 2),
    right: Math.ceil(x / 2),
    top: Math.floor(y / 2),
    bottom: Math.ceil(y / 2),
  }
}

function target(pad: Params, from: Picture): Size {
  const { top, right, bottom, left } = resolveSides(pad, from)
  return { width: from.width + left + right, height: from.height + top + bottom }
}

const SIDES =
  'pixels such as 20, top, right, bottom and left such as 10x20x10x20, or an aspect ratio such as 16:9'

/** Returns true if the padding is made of the pixels of the whole picture. */
function isPainted(fill: Params['fill']): fill is 'blur' | 'average' {
  return fill === 'blur' || fill === 'average'
}

export const pad = defineOp({
  name: 'pad',
  summary: 'Adds a border on each side, or pads to an aspect ratio.',
  params,
  shorthand: {
    schema: () =>
      z.union(
        [offset(), z.templateLiteral([z.int(), 'x', z.int(), 'x', z.int(), 'x', z.int()]), ...aspectText()],
        { error: SIDES },
      ),
    read(value) {
      if (isAspectText(value)) return { aspect: value }
      const [top = 0, right = top, bottom = top, left = right] = String(value).split('x').map(Number)
      return { top, right, bottom, left }
    },
  },
  example: '10x20x10x20',
  size: target,
  isNoop: (pad, from) => sameSize(target(pad, from), from),
  place: ({ fill, background }, pass) =>
    isPainted(fill) || (fill === 'background' && addsDeepAlpha(background, pass.to))
      ? takeWholePass(pass)
      : takeSlot(pass, SLOT.extend),
  keepsInk: ({ fill }) => fill !== 'background' && !isPainted(fill),
  moveRegion(pad, region, from) {
    const { left, top } = resolveSides(pad, from)
    return moveInto(region, from, { left: -left, top: -top, ...target(pad, from) })
  },
  apply(image, pad, context) {
    const { fill, background } = pad
    const sides = resolveSides(pad, context.from)
    if (isPainted(fill)) return padWithSelf(image, fill, sides, context)
    const padded = image.extend({ ...sides, extendWith: fill, background: toSharpColour(background) })
    if (fill !== 'background') return padded
    return completeAlpha(fitBackground(padded, 'extendBackground', context), background, context)
  },
  changesPicture: (pad) =>
    pad.fill === 'background' && isTranslucent(pad.background) ? { alpha: true } : {},
  addsColor: (pad) => (pad.fill === 'background' ? pad.background : undefined),
})
