import fc from 'fast-check'
import { z } from 'zod'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { readOps } from '../../src/operations/parse-operations.js'
import type { Op } from '../../src/operations/define-operation.js'

/** Strings that some operation accepts: colours, aspect ratios, and strings that look like text with parameters. */
const TEXTS = [
  'white', 'transparent', 'ff8800', '123', '000000', '#ff8800cc', 'rgb(1, 2, 3)', 'hsl(120 50% 50%)',
  '16:9', '3/2', '1.5', '16.5:9', 'photos/logo.png', 'https://h/a?b=c&d=e', 'a=b', 'a:b=c', '%41', '50%',
  'true', '7', ' ', 'exif', 'icc,gps', 'gps:exif', '100KB', '20%x30%@10%x15%', '12x8@3x4', 'navy:ffcc66',
] // prettier-ignore

/** Returns an operation with this name and input, which may be invalid. */
export function opOf(name: string, input: unknown): ImageOp {
  return { [name]: input } as unknown as ImageOp // may be invalid
}

/** Returns the parameters of an operation, including defaults. */
export function meaningOf(item: ImageOp): unknown {
  return readOps([item])[0]?.params
}

/** Generates valid inputs of an operation: shorthands and parameters. */
export function anyInput(op: Op): fc.Arbitrary<unknown> {
  const short = op.shorthand === undefined ? [] : [anyOf(op.shorthand.schema)]
  return fc.oneof(anyOf(op.params), ...short).filter((input) => isValid(op.name, input))
}

function isValid(name: string, input: unknown): boolean {
  try {
    readOps([opOf(name, input)])
    return true
  } catch {
    return false
  }
}

/** Generates values of a schema. Its refinements are ignored. */
function anyOf(schema: unknown): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return anyOf(schema.def.innerType)
  if (schema instanceof z.ZodPipe) return anyOf(schema.def.in)
  if (schema instanceof z.ZodReadonly) return anyOf(schema.def.innerType)
  if (schema instanceof z.ZodObject) return anyObject(schema)
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((option) => anyOf(option)))
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values)
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodArray) return fc.uniqueArray(anyOf(schema.element), { maxLength: 4 })
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodNumber) return anyNumber(schema)
  if (schema instanceof z.ZodString) return anyText(schema)
  if (schema instanceof z.ZodTemplateLiteral) return anyTemplate(schema.def.parts)
  throw new Error(`no generator for ${String(schema)}: add it to test/support/inputs.ts`)
}

function anyObject({ shape }: z.ZodObject): fc.Arbitrary<unknown> {
  const required = Object.keys(shape).filter((key) => !shape[key]!.safeParse(undefined).success)
  const values = Object.fromEntries(Object.entries(shape).map(([key, value]) => [key, anyOf(value)]))
  return fc.record(values, { requiredKeys: required })
}

function anyNumber(schema: z.ZodNumber): fc.Arbitrary<number> {
  const min = Math.max(schema.minValue ?? 0, -1e6)
  const max = Math.min(schema.maxValue ?? 1e6, 1e6)
  const whole = fc.integer({ min: Math.ceil(min), max: Math.floor(max) })
  const any = fc.oneof(
    whole,
    fc.double({ min, max, noNaN: true }).map((value) => value + 0),
  )
  return any.filter((value) => schema.safeParse(value).success)
}

/** Generates strings of the list that the schema accepts; any string if it accepts all of them. */
function anyText(schema: z.ZodString): fc.Arbitrary<string> {
  const texts = TEXTS.filter((text) => schema.safeParse(text).success)
  if (texts.length === 0) throw new Error('no string in test/support/inputs.ts fits: add one')
  return texts.length === TEXTS.length
    ? fc.oneof(fc.constantFrom(...texts), fc.string())
    : fc.constantFrom(...texts)
}

function anyTemplate(parts: readonly unknown[]): fc.Arbitrary<string> {
  return fc
    .tuple(...parts.map((part) => (part instanceof z.ZodType ? anyOf(part) : fc.constant(part))))
    .map((values) => values.join(''))
}
