import { z } from 'zod'
import { once } from '../utils/once.js'
import type { Size } from '../picture.js'
import type { Box } from './focal.js'
import { inPixels } from './geometry.js'
import { length, lengthFromEdge } from './parameters.js'

const AREA = 'an area such as 200x100@10x20 or 20%x30%@10%x15%'
const side = /^\d+(?:\.\d+)?%?$/

/** An area by its sides, in pixels or per cent. It becomes text, so that both have the same recipe. */
const areaSides = once(() =>
  z
    .strictObject({
      width: length().describe('Width of the area.'),
      height: length().describe('Height of the area.'),
      left: lengthFromEdge().describe('Distance from the left edge.'),
      top: lengthFromEdge().describe('Distance from the top edge.'),
    })
    .transform(({ width, height, left, top }) => `${width}x${height}@${left}x${top}`),
)

/** An area of a picture: width, height, distance from the left and the top edge, in pixels or per cent. */
export const area = once(() =>
  z.union(
    [
      z
        .string()
        .refine(
          (text) =>
            text.split(/[x@]/).every((part) => side.test(part)) && /^[^x@]+x[^x@]+@[^x@]+x[^x@]+$/.test(text),
          {
            error: AREA,
          },
        ),
      areaSides(),
    ],
    { error: AREA },
  ),
)

/** Returns the part of an area that lies inside a picture, in pixels. It may be empty. */
export function toBox(text: string, inside: Size): Box {
  const [width = '', height = '', left = '', top = ''] = text.split(/[x@]/)
  const [x, y] = [toPixels(left, inside.width), toPixels(top, inside.height)]
  const right = Math.min(inside.width, x + toPixels(width, inside.width))
  const bottom = Math.min(inside.height, y + toPixels(height, inside.height))
  return { left: x, top: y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) }
}

function toPixels(text: string, whole: number): number {
  return text.endsWith('%') ? inPixels(text as `${number}%`, whole) : Math.round(Number(text)) // checked by the schema
}
