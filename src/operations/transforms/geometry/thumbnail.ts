import type { Sharp } from 'sharp'
import { z } from 'zod'
import { defineOp, type OpContext } from '../../define-operation.js'
import type { Picture, Size } from '../../../picture.js'
import { cover, moveThroughCover, takeCoverSlot } from '../../cover.js'
import { pixels } from '../../parameters.js'
import { focusOriginOf, isGravity, isSearched, position } from '../../position.js'
import { largestOfAspect, sameSize, scaleSize, wouldEnlarge } from '../../geometry.js'
import { freezeSearch } from '../../fix-animation-crop.js'
import { SLOT, takeSlot } from '../../sharp-order.js'

const params = () =>
  z
    .strictObject({
      width: pixels().optional().describe('Width of the box, in pixels.'),
      height: pixels().optional().describe('Height of the box, in pixels.'),
      fit: z
        .enum(['inside', 'cover'])
        .default('inside')
        .describe('`inside` keeps the whole picture; `cover` fills the box and crops the rest.'),
      position: position().default('centre').describe('Part that `cover` keeps.'),
    })
    .refine((box) => box.width !== undefined || box.height !== undefined, {
      error: 'a width, a height or both',
    })

type Params = z.output<ReturnType<typeof params>>

/** Returns the size after fitting the picture inside the box, or after covering it and cropping. */
function target({ width, height, fit }: Params, from: Picture): Size {
  if (fit === 'cover' && width !== undefined && height !== undefined) {
    const box = { width, height }
    return wouldEnlarge(from, box) ? largestOfAspect(width / height, from) : box
  }
  const factor = Math.min((width ?? Infinity) / from.width, (height ?? Infinity) / from.height)
  return factor >= 1 && !from.vector ? from : scaleSize(from, factor)
}

export const thumbnail = defineOp({
  name: 'thumbnail',
  summary: 'Fits the picture inside a box; never enlarges it.',
  params,
  shorthand: {
    schema: () =>
      z.union([pixels(), z.templateLiteral([z.int(), 'x', z.int()])], {
        error: 'a size such as 100 or 100x100',
      }),
    read(text) {
      const [width, height = width] = String(text).split('x').map(Number)
      return { width: width!, height: height! }
    },
  },
  example: '100x100',
  size: target,
  isNoop: (box, from) => sameSize(target(box, from), from),
  place(box, pass) {
    if (box.fit === 'inside') return takeSlot(pass, SLOT.scale)
    return takeCoverSlot(pass, box.position)
  },
  scales: ({ fit }) => (fit === 'inside' ? 'lanczos3' : undefined),
  covers: ({ fit, position: at }) => (fit === 'cover' && isGravity(at) ? at : undefined),
  keepsInk: () => true,
  focusOrigin: (box) => (box.fit === 'cover' ? focusOriginOf(box.position) : undefined),
  moveRegion: (box, region, from, focus) =>
    box.fit === 'cover'
      ? moveThroughCover(region, box.position, { from, to: target(box, from), focus })
      : region,
  apply: scale,
  freezeForAnimation: (box) =>
    box.fit === 'cover' && isSearched(box.position)
      ? freezeSearch((image, context) => scale(image, box, context))
      : undefined,
})

function scale(image: Sharp, { fit, position: at }: Params, context: OpContext): Sharp {
  if (fit === 'cover') return cover(image, at, context)
  return image.resize({ ...context.to, fit: 'fill' })
}
