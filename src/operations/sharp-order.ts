import type { Pass } from './define-operation.js'

/**
 * The fixed order in which sharp runs the operations of one pass, regardless of the order of the calls (src/pipeline.cc
 * of sharp). An operation can join a pass only if its slot is above all slots taken.
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
  /** conversion to the output colour space of the pass */
  output: 118,
  negate: 120,
  /** Nothing may follow. */
  end: 1000,
} as const

/** Returns the slot; 'new' if it or a higher one is taken. */
export function takeSlot(pass: Pass, slot: number): number | 'new' {
  return pass.last < slot ? slot : 'new'
}

/** Returns the last slot of a range; 'new' if any slot of it or a higher one is taken. */
export function takeSlotRange(pass: Pass, from: number, to: number): number | 'new' {
  return pass.last < from ? to : 'new'
}

/**
 * Returns the slot of a filter. In passes that also resize, blur or sharpen, sharp filters premultiplied pixels. So a
 * picture with alpha gets a separate pass.
 */
export function takeFilterSlot(pass: Pass, slot: number): number | 'new' {
  return pass.to.alpha ? takeWholePass(pass) : takeSlot(pass, slot)
}

/**
 * Returns the slot of a composite, which ends the pass: later operations would run in the colour space of the composite.
 * A composite cannot join a pass that scales, blurs or sharpens, because sharp would add the alpha channel first and
 * process it too.
 */
export function takeCompositeSlot(pass: Pass): number | 'new' {
  return pass.has('thumbnail', 'resize', 'blur', 'sharpen')
    ? 'new'
    : takeSlotRange(pass, SLOT.composite, SLOT.end)
}

/** Returns the last slot, so that the operation has a pass to itself; 'new' if the pass is not empty. */
export function takeWholePass(pass: Pass): number | 'new' {
  return pass.last === 0 ? SLOT.end : 'new'
}
