import type { Pass } from './define-operation.js'

/**
 * The fixed order in which sharp runs what one pass asks for, whatever the order of the calls
 * (sharp's src/pipeline.cc). An operation joins a pass only above everything that is in it.
 */
export const SLOT = {
  /** extract before resize */
  extract: 10,
  flatten: 20,
  grayscale: 30,
  /** resize to both sides */
  scale: 40,
  flip: 50,
  flop: 51,
  /** rotate by 90, 180, 270 */
  turn: 52,
  /** the crop of a covering resize */
  canvas: 60,
  /** extract after resize */
  extractAfter: 70,
  extend: 80,
  median: 90,
  blur: 92,
  modulate: 94,
  sharpen: 95,
  composite: 100,
  linear: 111,
  normalise: 112,
  clahe: 113,
  tint: 114,
  /** conversion to the colour space that the pass is written in */
  output: 118,
  negate: 120,
  /** Nothing may follow. */
  end: 1000,
} as const

/** Takes a slot, or a new pass where it, or one above it, is taken. */
export function takeSlot(pass: Pass, slot: number): number | 'new' {
  return pass.last < slot ? slot : 'new'
}

/** Takes everything from one slot to another. */
export function takeSlotRange(pass: Pass, from: number, to: number): number | 'new' {
  return pass.last < from ? to : 'new'
}

/**
 * Takes the slot of a filter. With alpha sharp works on premultiplied pixels wherever a pass also resizes, blurs
 * or sharpens, so that there a filter has a pass of its own.
 */
export function takeFilterSlot(pass: Pass, slot: number): number | 'new' {
  return pass.to.alpha ? takeWholePass(pass) : takeSlot(pass, slot)
}

/**
 * Takes the slot of a composite, and ends the pass. In one that also scales, sharp adds the alpha channel first and
 * scales it too; what follows a composite meets pixels in its colour space.
 */
export function takeCompositeSlot(pass: Pass): number | 'new' {
  return pass.has('thumbnail', 'resize', 'blur', 'sharpen')
    ? 'new'
    : takeSlotRange(pass, SLOT.composite, SLOT.end)
}

/** Has a pass of its own. */
export function takeWholePass(pass: Pass): number | 'new' {
  return pass.last === 0 ? SLOT.end : 'new'
}
