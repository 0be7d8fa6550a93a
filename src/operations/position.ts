import { z } from 'zod'
import { once } from '../utils/once.js'
import type { FocusOrigin } from './define-operation.js'
import { cropToFocus, type Box, type FocalRegion } from './focal.js'
import { placeBox } from './geometry.js'
import { GRAVITIES, type Gravity } from './parameters.js'
import type { Size } from '../picture.js'

const SEARCHES = ['attention', 'entropy'] as const
/** Origins of regions that are found in the source. */
const ORIGINS = ['metadata', 'faces', 'objects'] as const satisfies readonly FocusOrigin[]

const REGION = 'a focal region inside the picture such as 20%x30%@10%x15%'
/** A percentage of a side. */
const share = once(() => z.number().min(0).max(100))
const percentOfSide = once(() => z.templateLiteral([share(), '%'], { error: 'a percentage such as 20%' }))

/** Text of a focal point, or of a focal region: its size, then its distance from the left and the top edge. */
const focalText = once(() =>
  z
    .union([
      z.templateLiteral([share(), '%x', share(), '%']),
      z.templateLiteral([share(), '%x', share(), '%@', share(), '%x', share(), '%']),
    ])
    .refine((text) => isInside(parseFocus(text)), { error: 'a focal point or region inside the picture' }),
)

/** A focal region by its sides, in per cent of the picture. It becomes text, so that both have the same recipe. */
const focalSides = once(() =>
  z
    .strictObject({
      left: percentOfSide().describe('Distance from the left edge.'),
      top: percentOfSide().describe('Distance from the top edge.'),
      width: percentOfSide().describe('Width of the region.'),
      height: percentOfSide().describe('Height of the region.'),
    })
    .transform(({ left, top, width, height }) => {
      return `${width}x${height}@${left}x${top}` as const
    })
    .refine((text) => isInside(parseFocus(text)), { error: REGION }),
)

/**
 * Part of a picture to keep: a gravity; a search by libvips, `attention` (the most salient region) or `entropy` (the one
 * with most detail); a focal point or region; or regions of the source, `metadata` as its XMP marks them,
 * `faces` and `objects` as a model finds them.
 */
export const position = once(() =>
  z.union([z.enum([...GRAVITIES, ...SEARCHES, ...ORIGINS]), focalText(), focalSides()], {
    error: `one of ${[...GRAVITIES, ...SEARCHES, ...ORIGINS].join(', ')}, a focal point such as 30%x40%, or ${REGION}`,
  }),
)

export type Position = z.output<ReturnType<typeof position>>

/** Returns true if a position depends on the pixels. */
export function isSearched(at: Position): at is (typeof SEARCHES)[number] {
  return at === 'attention' || at === 'entropy'
}

/** Returns true for a gravity, which sharp can keep by itself. */
export function isGravity(at: Position): at is Gravity {
  return GRAVITIES.some((gravity) => gravity === at)
}

/** Returns where the regions of a position have to be found. */
export function focusOriginOf(at: Position): FocusOrigin | undefined {
  return ORIGINS.find((origin) => origin === at)
}

/** Returns the region that a position states; undefined if it states none. A focal point has no width and height. */
function parseFocus(at: string): FocalRegion | undefined {
  const [first, offset] = at
    .split('@')
    .map((pair) => pair.split('%x').map((side) => Number.parseFloat(side) / 100))
  const [x, y] = first ?? []
  if (x === undefined || y === undefined) return undefined
  const [left, top] = offset ?? []
  if (left === undefined || top === undefined) return { left: x, top: y, width: 0, height: 0 }
  return { left, top, width: x, height: y }
}

function isInside(region: FocalRegion | undefined): boolean {
  if (region === undefined) return false
  const { left, top, width, height } = region
  // 0.7 + 0.3 is not above 1, but 0.1 + 0.9000001 is.
  return (
    [left, top, width, height].every((side) => side >= 0) && Math.max(left + width, top + height) <= 1 + 1e-9
  )
}

/**
 * Returns the part of a picture that a position keeps.
 *
 * @param focus regions found for a position such as `metadata`, the most important first. @default the middle
 */
export function placeCrop(
  size: Size,
  inside: Size,
  at: Position,
  focus: readonly FocalRegion[] | undefined,
): Box {
  if (isSearched(at)) return { ...size, ...placeBox(size, inside, 'centre') }
  if (isGravity(at)) return { ...size, ...placeBox(size, inside, at) }
  const stated = parseFocus(at)
  return cropToFocus(size, inside, stated === undefined ? (focus ?? []) : [stated])
}
