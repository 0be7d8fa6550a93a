import { z } from 'zod'
import { check } from '../src/utils/validate.js'
import type { Op } from '../src/operations/define-operation.js'
import { colour, gravity } from '../src/operations/parameters.js'
import { area } from '../src/operations/area.js'
import { position } from '../src/operations/position.js'

/** Schemas that the page explains in its section on values. */
const NAMED = new Map<unknown, string>([
  [colour().def, 'a [colour](#values)'],
  [gravity().def, 'a [position](#values)'],
  [area().def, 'areas such as 20%x30%@10%x15%'],
  [position().def, 'a [position, search or focus](#values)'],
])

/**
 * Returns the tables of an operation's parameters: one, or one per type. Operations that take only `true` have none.
 */
export function parameterTables(op: Op): string[] {
  const { params } = op
  if (params instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = params.def
    return params.options.map((option) => {
      const { [discriminator]: type, ...shape } = object(option).shape
      return `#### ${op.name} ${typeName(type)}\n\n${table(shape)}`
    })
  }
  const { shape } = object(params)
  return Object.keys(shape).length === 0 ? [] : [table(shape)]
}

/** Returns what a shorthand accepts, as part of a sentence; undefined if it is a single value. */
export function describeShorthand({ shorthand }: Op): string | undefined {
  const schema = shorthand?.schema
  if (schema === undefined || schema instanceof z.ZodLiteral) return undefined
  const words = describe(schema)
  return words.startsWith('`') ? `one of ${words}` : words
}

function table(shape: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(shape).map(([name, schema]) => {
    const description = schema instanceof z.ZodType ? (schema.description ?? '') : ''
    return [`\`${name}\``, describe(schema), defaultOf(schema), description]
  })
  // An empty column is left out.
  const hasDefaults = rows.some(([, , defaultValue]) => defaultValue !== '')
  const columns = [['parameter', 'value', 'default', 'meaning'], ['---', '---', '---', '---'], ...rows]
  return columns.map((cells) => toRow(cells.filter((_, column) => column !== 2 || hasDefaults))).join('\n')
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}

function defaultOf(schema: unknown): string {
  if (schema instanceof z.ZodDefault) return `\`${String(schema.def.defaultValue)}\``
  return schema instanceof z.ZodOptional ? '' : '*required*'
}

/**
 * Returns what a schema accepts, in the words of its error message.
 *
 * @throws Error if the schema has no such message and no words here.
 */
function describe(schema: unknown): string {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodReadonly) {
    return describe(schema.def.innerType)
  }
  if (!(schema instanceof z.ZodType)) throw new Error(`no schema: ${String(schema)}`)
  const name = NAMED.get(schema.def)
  if (name !== undefined) return name
  if (schema instanceof z.ZodEnum) return list(schema.options)
  if (schema instanceof z.ZodLiteral) return list([...schema.values])
  if (schema instanceof z.ZodBoolean) return list([true, false])
  if (schema instanceof z.ZodArray) return `a list of ${describe(schema.element)}`
  if (schema instanceof z.ZodUnion && schema.options.every((option) => isListed(option))) {
    return schema.options.map((option) => describe(option)).join(', ')
  }
  const expected = /^expected (.*), got \{\}/.exec(check(schema, {}).problems?.[0]?.sentence ?? '')?.[1]
  if (expected !== undefined && expected !== 'another value') return expected
  if (schema instanceof z.ZodUnion) return schema.options.map((option) => describe(option)).join(', or ')
  throw new Error(`no words for ${schema.def.type}: add them to parameters.ts, or give the schema an error`)
}

/** Returns true if a schema accepts a few listed values only. The list says more than the error. */
function isListed(schema: unknown): boolean {
  if (schema instanceof z.ZodReadonly) return isListed(schema.def.innerType)
  if (schema instanceof z.ZodArray) return isListed(schema.element)
  return schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral || schema instanceof z.ZodBoolean
}

function list(values: readonly unknown[]): string {
  return values.map((value) => `\`${String(value)}\``).join(', ')
}

function typeName(schema: unknown): string {
  return schema instanceof z.ZodLiteral ? [...schema.values].join(', ') : ''
}

function object(schema: unknown): z.ZodObject {
  if (schema instanceof z.ZodObject) return schema
  throw new Error(`parameters must be an object, not ${String(schema)}`)
}
