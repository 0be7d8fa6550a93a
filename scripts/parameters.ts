import { z } from 'zod'
import { check } from '../src/utils/validate.js'
import type { Op } from '../src/operations/define-operation.js'
import { colour, gravity, position } from '../src/operations/parameters.js'

/** What values have a paragraph of their own on the page. */
const NAMED = new Map<unknown, string>([
  [colour.def, 'a [colour](#values)'],
  [gravity.def, 'a [place](#values)'],
  [position.def, 'a [place, or a search](#values)'],
])

/** Tables of an operation's parameters: one, or one for each type; none where there is nothing but `true`. */
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

/** What a schema takes, as a part of a sentence; undefined where there is nothing to say but one value. */
export function describeShorthand({ shorthand }: Op): string | undefined {
  const schema = shorthand?.schema
  if (schema === undefined || schema instanceof z.ZodLiteral) return undefined
  const words = describe(schema)
  return words.startsWith('`') ? `one of ${words}` : words
}

function table(shape: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(shape).map(([name, schema]) => {
    const description = schema instanceof z.ZodType ? (schema.description ?? '') : ''
    return [`\`${name}\``, describe(schema), fallback(schema), description]
  })
  // Encoders have defaults of their own: a column of nothing says nothing.
  const hasDefaults = rows.some(([, , usual]) => usual !== '')
  const columns = [['parameter', 'value', 'default', 'meaning'], ['---', '---', '---', '---'], ...rows]
  return columns.map((cells) => toRow(cells.filter((_, column) => column !== 2 || hasDefaults))).join('\n')
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}

function fallback(schema: unknown): string {
  if (schema instanceof z.ZodDefault) return `\`${String(schema.def.defaultValue)}\``
  return schema instanceof z.ZodOptional ? '' : '*required*'
}

/** What a schema takes, in the words of the error that it gives. */
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
  throw new Error(`no words for ${schema.def.type}: teach scripts/parameters.ts, or give its schema an error`)
}

/** Whether a schema takes a few values and no others: these say more than its error. */
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
  throw new Error(`parameters have to be an object, not ${String(schema)}`)
}
