import { z } from 'zod'
import type { Op } from './define-operation.js'

/** A parameter, as help shows it. */
export interface ParameterHint {
  readonly name: string
  /** Empty if there is none. */
  readonly description: string
  /** Allowed values in words; empty if the description has them, or if all are allowed. */
  readonly values: string
  readonly fallback: string | undefined
}

/** Parameters that go together: all of an operation, or those of one output format. */
export interface ParameterGroup {
  /** The parameter that chooses the group, and its value, such as `type` and `webp`. */
  readonly choice: { readonly name: string; readonly value: string } | undefined
  readonly params: readonly ParameterHint[]
}

type Value = string | number | boolean | null

/** The parts of a JSON Schema that say which values are allowed. */
interface ValueSchema {
  readonly enum?: readonly Value[]
  readonly const?: Value
  readonly default?: Value | readonly Value[]
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly anyOf?: readonly ValueSchema[]
  readonly properties?: Readonly<Record<string, ValueSchema>>
  readonly oneOf?: readonly ValueSchema[]
}

/** Returns the parameters of an operation with their allowed values and defaults. */
export function hintParameters(op: Op): readonly ParameterGroup[] {
  const schema = z.toJSONSchema(op.params, { io: 'input', unrepresentable: 'any' }) as ValueSchema // only these parts are used
  const alternatives = schema.oneOf ?? schema.anyOf ?? [schema]
  return alternatives.map(({ properties = {} }) => toGroup(Object.entries(properties)))
}

function toGroup(all: readonly (readonly [string, ValueSchema])[]): ParameterGroup {
  const [first] = all
  const kind = first?.[1].const
  const hints = all.map(([name, schema]) => toHint(name, schema))
  if (first === undefined || kind === undefined) return { choice: undefined, params: hints }
  return { choice: { name: first[0], value: String(kind) }, params: hints.slice(1) }
}

function toHint(name: string, schema: ValueSchema): ParameterHint {
  const { description = '', default: fallback } = schema
  const values = describeValues(schema)
  // Most descriptions have the range already.
  const isKnown = values.split(', ').every((value) => description.includes(value))
  return {
    name,
    description,
    values: isKnown ? '' : values,
    fallback: fallback === undefined || typeof fallback === 'string' ? fallback : JSON.stringify(fallback),
  }
}

function describeValues({ enum: values, const: value, minimum, maximum, anyOf }: ValueSchema): string {
  if (values !== undefined) return values.map(String).join(', ')
  if (value !== undefined) return String(value)
  if (anyOf !== undefined)
    return anyOf
      .map(describeValues)
      .filter((text) => text !== '')
      .join(', ')
  if (minimum === undefined && maximum === undefined) return ''
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum
  if (most === undefined) return minimum === undefined ? '' : `at least ${minimum}`
  return minimum === undefined ? `at most ${most}` : `${minimum} to ${most}`
}

/** A parameter and its values, if they can be listed. */
export interface ParameterChoice {
  readonly name: string
  readonly values: readonly string[]
}

/** Returns the parameters of an operation, each once, and the values that can be listed. */
export function listParameters(op: Op): readonly ParameterChoice[] {
  const schema = z.toJSONSchema(op.params, { io: 'input', unrepresentable: 'any' }) as ValueSchema // only these parts are used
  const choices = new Map<string, Set<string>>()
  for (const { properties = {} } of schema.oneOf ?? schema.anyOf ?? [schema])
    for (const [name, parameter] of Object.entries(properties)) {
      const values = choices.get(name) ?? new Set()
      for (const value of listValues(parameter)) values.add(value)
      choices.set(name, values)
    }
  return [...choices].map(([name, values]) => ({ name, values: [...values] }))
}

/** Returns the values of an operation's shorthand that can be listed, such as the formats of `format`. */
export function listShorthands(op: Op): readonly string[] {
  if (op.shorthand === undefined) return []
  const schema = z.toJSONSchema(op.shorthand.schema, { io: 'input', unrepresentable: 'any' }) as ValueSchema // as above
  return [...new Set(listValues(schema))]
}

function listValues({ enum: values, const: value, anyOf = [] }: ValueSchema): readonly string[] {
  return [...(values ?? []), ...(value === undefined ? [] : [value])]
    .map(String)
    .concat(anyOf.flatMap(listValues))
}
