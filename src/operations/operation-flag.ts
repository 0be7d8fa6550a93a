import { z } from 'zod'
import type { Op } from './define-operation.js'
import { FLAG_VALUES } from './flag-values.generated.js'

/** Returns the flag of an operation: `--auto-orient` for `autoOrient`. */
export function toFlag(op: Pick<Op, 'name'>): string {
  return `--${op.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** Value of an operation's flag: only `true`, which is left out; `true` or another value; or a value. */
export type FlagValue = 'none' | 'optional' | 'required'

/** True if an operation accepts `true`, so that its flag needs no value. */
export function acceptsTrue(op: Op): boolean {
  return flagValueOf(op) !== 'required'
}

/** True if an operation accepts no value but `true`. */
export function hasNoParams(op: Op): boolean {
  return flagValueOf(op) === 'none'
}

/** Every command asks for all operations, so those that are included in imgproc are looked up: no schema is created for this. */
function flagValueOf(op: Op): FlagValue {
  const known: Readonly<Record<string, FlagValue>> = FLAG_VALUES
  return Object.hasOwn(known, op.name) ? known[op.name]! : readFlagValue(op)
}

/** Reads the value of an operation's flag from its schemas. */
export function readFlagValue({ params, shorthand }: Op): FlagValue {
  if (params instanceof z.ZodObject && Object.keys(params.shape).length === 0) return 'none'
  return shorthand?.schema.safeParse(true).success === true ? 'optional' : 'required'
}
