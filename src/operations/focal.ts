import type { Size } from '../picture.js'

/*
 * A focal point says which part of a picture matters. The crop is centred on it, and moved only as far as the borders
 * of the picture require. thumbor ("focal" filter) and imgix (`fp-x`, `fp-y`) have the same rule. CSS `object-position`
 * differs: there, 30% aligns the point at 30% of the picture with the point at 30% of the box.
 */

/** A part of a picture, in fractions of its width and height. A point has no width and height. */
export interface FocalRegion {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A part of a picture, in pixels. */
export interface Box extends Size {
  readonly left: number
  readonly top: number
}

/**
 * Returns the crop of a size around focal regions.
 *
 * It holds the first region, and each later one that fits in together with those before; so the most important comes
 * first. The middle of these lies as near to the middle of the crop as the borders allow. A region that is too large on an
 * axis has its middle there. Without a region the crop is centred.
 *
 * @param size size of the crop in pixels, at most that of the picture.
 * @param inside the picture.
 *
 * @example
 * ```ts
 * const face = { left: 0.6, top: 0.2, width: 0.1, height: 0.2 }
 * cropToFocus({ width: 100, height: 100 }, { width: 300, height: 100 }, [face]) // left 145, top 0
 * ```
 */
export function cropToFocus(size: Size, inside: Size, regions: readonly FocalRegion[]): Box {
  const [first = MIDDLE, ...others] = regions
  let kept = first
  for (const region of others) {
    const both = unite(kept, region)
    if (fits(both, size, inside)) kept = both
  }
  return {
    ...size,
    left: placeOnAxis(kept.left, kept.width, size.width, inside.width),
    top: placeOnAxis(kept.top, kept.height, size.height, inside.height),
  }
}

/** Returns a region in fractions of a box that is cut from a picture, or surrounds it. */
export function moveInto({ left, top, width, height }: FocalRegion, from: Size, box: Box): FocalRegion {
  return {
    left: (left * from.width - box.left) / box.width,
    top: (top * from.height - box.top) / box.height,
    width: (width * from.width) / box.width,
    height: (height * from.height) / box.height,
  }
}

/** Returns the part of a region that lies in the picture; undefined if it lies outside. */
export function clipRegion({ left, top, width, height }: FocalRegion): FocalRegion | undefined {
  const [right, bottom] = [Math.min(1, left + width), Math.min(1, top + height)]
  const [first, upper] = [Math.max(0, left), Math.max(0, top)]
  if (right < first || bottom < upper) return undefined
  return { left: first, top: upper, width: right - first, height: bottom - upper }
}

const MIDDLE: FocalRegion = { left: 0.5, top: 0.5, width: 0, height: 0 }

/** Returns the smallest region that holds both. */
function unite(a: FocalRegion, b: FocalRegion): FocalRegion {
  const left = Math.min(a.left, b.left)
  const top = Math.min(a.top, b.top)
  return {
    left,
    top,
    width: Math.max(a.left + a.width, b.left + b.width) - left,
    height: Math.max(a.top + a.height, b.top + b.height) - top,
  }
}

function fits(region: FocalRegion, size: Size, inside: Size): boolean {
  const [left, right] = pixelsOf(region.left, region.width, inside.width)
  const [top, bottom] = pixelsOf(region.top, region.height, inside.height)
  return right - left <= size.width && bottom - top <= size.height
}

/** Returns the first and the last border of the pixels that a part touches. */
function pixelsOf(start: number, length: number, whole: number): readonly [number, number] {
  // Fractions are rounded: 0.1 + 0.2 must not touch the pixel behind 0.3.
  return [
    Math.max(0, Math.floor(start * whole + ROUNDING)),
    Math.min(whole, Math.ceil((start + length) * whole - ROUNDING)),
  ]
}

const ROUNDING = 1e-6

/** Returns the offset of a crop on one axis, in pixels. */
function placeOnAxis(start: number, length: number, crop: number, whole: number): number {
  const centred = Math.round((start + length / 2) * whole - crop / 2)
  const [first, last] = pixelsOf(start, length, whole)
  const held = last - first > crop ? centred : clamp(centred, last - crop, first)
  return clamp(held, 0, whole - crop)
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max))
}
