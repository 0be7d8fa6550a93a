import type { KernelEnum, Sharp } from 'sharp'
import type { OpContext, Pass } from './define-operation.js'
import { moveInto, type Box, type FocalRegion } from './focal.js'
import { scaleSize } from './geometry.js'
import { isGravity, isSearched, placeCrop, type Position } from './position.js'
import { SLOT, takeSlotRange, takeWholePass } from './sharp-order.js'
import type { Size } from '../picture.js'

/** Scales a picture to cover a size, and crops the rest around a position. */
export function cover(
  image: Sharp,
  at: Position,
  { from, to, focus }: OpContext,
  kernel?: keyof KernelEnum,
): Sharp {
  const { width, height } = to
  const options = kernel === undefined ? {} : { kernel }
  if (isGravity(at) || isSearched(at)) {
    return image.resize({ width, height, fit: 'cover', position: at, ...options })
  }
  const { scaled, box } = placeCover(to, from, at, focus)
  const { left, top } = box
  return image.resize({ ...scaled, fit: 'fill', ...options }).extract({ left, top, width, height })
}

/** Returns the slot of a cover. */
export function takeCoverSlot(pass: Pass, at: Position): number | 'new' {
  if (isSearched(at)) return takeWholePass(pass)
  return takeSlotRange(pass, SLOT.scale, isGravity(at) ? SLOT.canvas : SLOT.extractAfter)
}

/** Returns the place of a region in the part that a cover keeps; undefined if it depends on the pixels. */
export function moveThroughCover(
  region: FocalRegion,
  at: Position,
  { from, to, focus }: Pick<OpContext, 'from' | 'to' | 'focus'>,
): FocalRegion | undefined {
  if (isSearched(at)) return undefined
  const { scaled, box } = placeCover(to, from, at, focus)
  return moveInto(region, scaled, box)
}

/** Returns the scaled picture, and the part of it that is kept. */
function placeCover(
  { width, height }: Size,
  from: Size,
  at: Position,
  focus: readonly FocalRegion[] | undefined,
): { readonly scaled: Size; readonly box: Box } {
  const scaled = scaleSize(from, Math.max(width / from.width, height / from.height))
  return { scaled, box: placeCrop({ width, height }, scaled, at, focus) }
}
