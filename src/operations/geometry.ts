import type { Gravity, Length } from './parameters.js'
import type { Picture, Size } from '../picture.js'

/** A length in pixels of a side that is `whole` pixels long. */
export function inPixels(value: Length, whole: number): number {
  return typeof value === 'number' ? value : Math.round((whole * Number.parseFloat(value)) / 100)
}

/** Where across and down a gravity lies: 0 for the first edge, 1 for the last. */
export function cornerOf(at: Gravity): { readonly x: 0 | 0.5 | 1; readonly y: 0 | 0.5 | 1 } {
  return {
    x: /west|left/.test(at) ? 0 : /east|right/.test(at) ? 1 : 0.5,
    y: /north|top/.test(at) ? 0 : /south|bottom/.test(at) ? 1 : 0.5,
  }
}

/** The offset of a box inside a picture at least as large. */
export function placeBox(box: Size, inside: Size, at: Gravity): { left: number; top: number } {
  const { x, y } = cornerOf(at)
  return {
    left: Math.floor((inside.width - box.width) * x),
    top: Math.floor((inside.height - box.height) * y),
  }
}

/** The largest box of an aspect ratio inside a picture. */
export function largestOfAspect(ratio: number, inside: Size): Size {
  return inside.width / inside.height > ratio
    ? { width: Math.max(1, Math.round(inside.height * ratio)), height: inside.height }
    : { width: inside.width, height: Math.max(1, Math.round(inside.width / ratio)) }
}

/** A size scaled by a factor, in whole pixels, never nothing. */
export function scaleSize(from: Size, factor: number): Size {
  return {
    width: Math.max(1, Math.round(from.width * factor)),
    height: Math.max(1, Math.round(from.height * factor)),
  }
}

/** Whether a picture has the size already. */
export function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height
}

/** Whether scaling a picture to a size would enlarge it; vectors have no size that could be exceeded. */
export function wouldEnlarge(from: Picture, to: Size): boolean {
  return !from.vector && (to.width > from.width || to.height > from.height)
}
