import type { Pass } from './op.js'

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
  blur: 92,
  sharpen: 95,
  /** Nothing may follow. */
  end: 1000,
} as const

/** Takes a slot, or a new pass where it, or one above it, is taken. */
export function take(pass: Pass, slot: number): number | 'new' {
  return pass.last < slot ? slot : 'new'
}

/** Takes everything from one slot to another. */
export function span(pass: Pass, from: number, to: number): number | 'new' {
  return pass.last < from ? to : 'new'
}

/** Has a pass of its own. */
export function alone(pass: Pass): number | 'new' {
  return pass.last === 0 ? SLOT.end : 'new'
}
