import type { Sharp } from 'sharp'
import { z } from 'zod'
import { defineOp } from '../../define-operation.js'
import type { Picture, Size } from '../../../picture.js'
import { aspect, aspectText, isAspectText, length, lengthFromEdge, toRatio } from '../../parameters.js'
import { moveInto, type Box, type FocalRegion } from '../../focal.js'
import { inPixels, largestOfAspect, sameSize } from '../../geometry.js'
import { focusOriginOf, isSearched, placeCrop, position } from '../../position.js'
import { freezeSearch } from '../../fix-animation-crop.js'
import { SLOT, takeSlot, takeWholePass } from '../../sharp-order.js'

const params = () =>
  z
    .strictObject({
      width: length().optional().describe('Width of the box, in pixels or per cent of the picture.'),
      height: length().optional().describe('Height of the box, in pixels or per cent of the picture.'),
      left: lengthFromEdge().optional().describe('Distance from the left edge, in pixels or per cent.'),
      top: lengthFromEdge().optional().describe('Distance from the top edge, in pixels or per cent.'),
      aspect: aspect()
        .optional()
        .describe('Aspect ratio of the largest area to keep, instead of `width` and `height`.'),
      position: position().default('centre').describe('Part to keep if `left` and `top` are not given.'),
    })
    .refine((area) => area.aspect !== undefined || (area.width !== undefined && area.height !== undefined), {
      error: 'a width and a height, or an aspect',
    })
    .refine(
      (area) =>
        area.aspect === undefined || (area.width ?? area.height ?? area.left ?? area.top) === undefined,
      {
        error: 'either an aspect, or a width and height with optional left and top',
      },
    )

type Params = z.output<ReturnType<typeof params>>

function target({ width, height, aspect: ratio }: Params, from: Size): Size {
  if (ratio !== undefined) return largestOfAspect(toRatio(ratio), from)
  return {
    width: Math.max(1, inPixels(width ?? from.width, from.width)),
    height: Math.max(1, inPixels(height ?? from.height, from.height)),
  }
}

function boxOf(area: Params, from: Picture, focus?: readonly FocalRegion[]): Box {
  const size = target(area, from)
  const placed = placeCrop(size, from, area.position, focus)
  return {
    ...size,
    left: area.left === undefined ? placed.left : inPixels(area.left, from.width),
    top: area.top === undefined ? placed.top : inPixels(area.top, from.height),
  }
}

export const crop = defineOp({
  name: 'crop',
  summary: 'Crops to a box, or to the largest area of an aspect ratio.',
  params,
  shorthand: {
    schema: () =>
      z.union(
        [
          z.templateLiteral([z.int(), 'x', z.int()]),
          z.templateLiteral([z.int(), 'x', z.int(), '@', z.int(), 'x', z.int()]),
          ...aspectText(),
        ],
        { error: 'a box such as 200x100 or 200x100@10x20, or an aspect ratio such as 16:9 or 4/3' },
      ),
    read(text) {
      if (isAspectText(text)) return { aspect: text }
      const [width, height, left, top] = text.split(/[x@]/).map(Number)
      return { width: width!, height: height!, ...(left !== undefined && { left, top: top! }) }
    },
  },
  example: '200x100@10x20',
  size: target,
  isNoop: (area, from) => sameSize(target(area, from), from),
  check(area, from) {
    const { left, top, width, height } = boxOf(area, from)
    const size = `the picture, which is ${from.width}x${from.height} here`
    if (width > from.width || height > from.height) return `${width}x${height} is larger than ${size}`
    if (left >= 0 && top >= 0 && left + width <= from.width && top + height <= from.height) return undefined
    const isAway = left >= from.width || top >= from.height || left + width <= 0 || top + height <= 0
    return `${width}x${height} at ${left},${top} lies ${isAway ? '' : 'partly '}outside ${size}`
  },
  place(area, pass) {
    if (isSearched(area.position)) return takeWholePass(pass)
    if (pass.last === 0) return SLOT.extract
    return pass.has('resize', 'thumbnail') ? takeSlot(pass, SLOT.extractAfter) : 'new'
  },
  keepsInk: () => true,
  focusOrigin: (area) => focusOriginOf(area.position),
  moveRegion: (area, region, from, focus) =>
    isSearched(area.position) ? undefined : moveInto(region, from, boxOf(area, from, focus)),
  apply(image, area, { from, to, focus }) {
    if (isSearched(area.position)) return cropToSearch(image, area.position, to)
    const { left, top, width, height } = boxOf(area, from, focus)
    return image.extract({ left, top, width, height })
  },
  freezeForAnimation({ position: at }) {
    return isSearched(at) ? freezeSearch((image, { to }) => cropToSearch(image, at, to)) : undefined
  },
})

function cropToSearch(image: Sharp, at: 'attention' | 'entropy', to: Size): Sharp {
  return image.resize({ ...to, fit: 'cover', position: at })
}
