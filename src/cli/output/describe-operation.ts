import { z } from 'zod'
import type { Op } from '../../operations/define-operation.js'
import { exampleOf } from '../flags/operation-flags.js'

/** Columns of a pipe or file. */
const DEFAULT_COLUMNS = 80
const MIN_COLUMNS = 60

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

/** Describes an operation with its parameters, their allowed values and defaults, wrapped to the terminal's width. */
export function describeOperation(op: Op, columns = DEFAULT_COLUMNS): string {
  const schema = z.toJSONSchema(op.params, { io: 'input', unrepresentable: 'any' }) as ValueSchema
  const alternatives = schema.oneOf ?? schema.anyOf ?? [schema]
  const lines = alternatives.flatMap(({ properties = {} }) => describeParams(properties, columns))
  return [op.name, ...wrap(op.summary, columns, 2), `  ${exampleOf(op)}`, ...lines, ''].join('\n')
}

function describeParams(properties: Readonly<Record<string, ValueSchema>>, columns: number): string[] {
  const all = Object.entries(properties)
  const [first] = all
  const kind = first?.[1].const
  const params = kind === undefined ? all : all.slice(1)
  const width = Math.max(0, ...params.map(([name]) => name.length))
  const lines = params.flatMap(([name, param]) => {
    const [head = '', ...more] = wrap(describeParam(param), columns, width + 6)
    return [`    ${name.padEnd(width)}  ${head.trimStart()}`, ...more]
  })
  return kind === undefined ? lines : [`  ${first?.[0] ?? ''}: ${String(kind)}`, ...lines]
}

function describeParam(param: ValueSchema): string {
  const { description = '', default: fallback } = param
  const values = describeValues(param)
  // Most descriptions have the range already.
  const isKnown = values === '' || values.split(', ').every((value) => description.includes(value))
  const facts = [
    ...(isKnown ? [] : [values]),
    ...(fallback === undefined
      ? []
      : [`default: ${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}`]),
  ]
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`
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

/** Wraps a text between words, indented by spaces. */
function wrap(text: string, columns: number, indent: number): string[] {
  const width = Math.max(columns, MIN_COLUMNS) - indent
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => ' '.repeat(indent) + line)
}
