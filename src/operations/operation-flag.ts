import { z } from 'zod'
import type { Op } from './define-operation.js'

/** Returns the flag of an operation: `--auto-orient` for `autoOrient`. */
export function toFlag(op: Pick<Op, 'name'>): string {
  return `--${op.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** True if an operation accepts `true`, so that its flag needs no value. */
export function acceptsTrue(op: Op): boolean {
  return op.shorthand?.schema.safeParse(true).success === true
}

/** True if an operation accepts no value but `true`. */
export function hasNoParams(op: Op): boolean {
  return op.params instanceof z.ZodObject && Object.keys(op.params.shape).length === 0
}
