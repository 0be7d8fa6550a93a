import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { defineOp } from '../../define-operation.js'
import type { Size } from '../../../picture.js'
import { colour, isTranslucent, toSharpColour } from '../../parameters.js'
import { completeAlpha, fitBackground } from '../../background.js'
import { SLOT, takeSlot, takeWholePass } from '../../sharp-order.js'

const DEGREES = 'an angle in degrees, -3600 to 3600'
const degrees = once(() =>
  z.number({ error: DEGREES }).min(-3600, { error: DEGREES }).max(3600, { error: DEGREES }),
)

const params = () =>
  z.strictObject({
    angle: degrees().describe('Degrees clockwise, -3600 to 3600.'),
    background: colour()
      .default('transparent')
      .describe('Colour of the corners, unless the angle is a multiple of 90.'),
  })

/** Returns the number of quarter turns, 0 to 3; undefined for other angles. */
function quarterTurns(angle: number): number | undefined {
  return angle % 90 === 0 ? (((angle / 90) % 4) + 4) % 4 : undefined
}

export const rotate = defineOp({
  name: 'rotate',
  summary: 'Rotates the picture clockwise by any angle.',
  params,
  shorthand: { schema: degrees, read: (angle) => ({ angle }) },
  example: 90,
  size({ angle }, { width, height }): Size | undefined {
    const turns = quarterTurns(angle)
    // For other angles, libvips rounds the bounding box.
    if (turns === undefined) return undefined
    return turns % 2 === 0 ? { width, height } : { width: height, height: width }
  },
  isNoop: ({ angle }) => quarterTurns(angle) === 0,
  place: ({ angle }, pass) =>
    quarterTurns(angle) === undefined ? takeWholePass(pass) : takeSlot(pass, SLOT.turn),
  turns: ({ angle }) => quarterTurns(angle),
  keepsInk: ({ angle }) => quarterTurns(angle) !== undefined,
  moveRegion({ angle }, { left, top, width, height }) {
    const swapped = { width: height, height: width }
    switch (quarterTurns(angle)) {
      case 0:
        return { left, top, width, height }
      case 1:
        return { left: 1 - top - height, top: left, ...swapped }
      case 2:
        return { left: 1 - left - width, top: 1 - top - height, width, height }
      case 3:
        return { left: top, top: 1 - left - width, ...swapped }
      default:
        // libvips rounds the bounding box.
        return undefined
    }
  },
  apply(image, { angle, background }, context) {
    const turns = quarterTurns(angle)
    if (turns !== undefined) return image.rotate(turns * 90)
    const rotated = image.rotate(angle, { background: toSharpColour(background) })
    return completeAlpha(fitBackground(rotated, 'rotationBackground', context), background, context)
  },
  changesPicture: ({ angle, background }) => ({
    ...(quarterTurns(angle) === undefined && isTranslucent(background) && { alpha: true }),
  }),
  addsColor: ({ angle, background }) => (quarterTurns(angle) === undefined ? background : undefined),
})
