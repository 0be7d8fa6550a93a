import type { Gravity, Length } from './parameters.js'
import type { Picture, Size } from '../picture.js'

/** Returns a length in pixels. Percentages refer to a side of `whole` pixels. */
export function inPixels(value: Length, whole: number): number {
  return typeof value === 'number' ? value : Math.round((whole * Number.parseFloat(value)) / 100)
}

/** Returns the position of a gravity on each axis: 0 at the left or top edge, 1 at the right or bottom edge. */
export function cornerOf(at: Gravity): { readonly x: 0 | 0.5 | 1; readonly y: 0 | 0.5 | 1 } {
  return {
    x: /west|left/.test(at) ? 0 : /east|right/.test(at) ? 1 : 0.5,
    y: /north|top/.test(at) ? 0 : /south|bottom/.test(at) ? 1 : 0.5,
  }
}

/** Returns the offset of a box inside a picture that is at least as large. */
export function placeBox(box: Size, inside: Size, at: Gravity): { left: number; top: number } {
  const { x, y } = cornerOf(at)
  return {
    left: Math.floor((inside.width - box.width) * x),
    top: Math.floor((inside.height - box.height) * y),
  }
}

/** Returns the largest box of an aspect ratio inside a picture. */
export function largestOfAspect(ratio: number, inside: Size): Size {
  return inside.width / inside.height > ratio
    ? { width: Math.max(1, Math.round(inside.height * ratio)), height: inside.height }
    : { width: inside.width, height: Math.max(1, Math.round(inside.width / ratio)) }
}

/** Returns a size scaled by a factor, in whole pixels, at least 1x1. */
export function scaleSize(from: Size, factor: number): Size {
  return {
    width: Math.max(1, Math.round(from.width * factor)),
    height: Math.max(1, Math.round(from.height * factor)),
  }
}

/** Returns true if two sizes are equal. */
export function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height
}

/** Returns true if scaling a picture to a size would enlarge it. Vectors can be drawn at any size. */
export function wouldEnlarge(from: Picture, to: Size): boolean {
  return !from.vector && (to.width > from.width || to.height > from.height)
}
