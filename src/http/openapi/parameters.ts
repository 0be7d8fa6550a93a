import { z } from 'zod'
import type { Op } from '../../operations/define-operation.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { allOperations } from '../../operations/parse-operations.js'
import { formatOp } from '../../operations/text-syntax.js'

/** A JSON Schema, or a part of the document: plain JSON. */
export type Json = Readonly<Record<string, unknown>>

const OPERATION = 'Operations run in the order of the query, and may repeat.'
const SETTING = 'It applies to the whole query, wherever it stands.'

/** Returns a parameter of a query. */
export function queryParameter(name: string, description: string, schema: Json, more: Json = {}): Json {
  return { name, in: 'query', description, schema, ...more }
}

/** Returns a part of a path. */
export function pathParameter(name: string, description: string, example: string): Json {
  return { name, in: 'path', required: true, description, schema: { type: 'string' }, example }
}

/** Returns the parameters of pictures that are made on request: operations in the order of the query, and the rest. */
export function imageParameters(presets: readonly string[], onlyPresets: boolean): readonly Json[] {
  const density = { anyOf: [{ type: 'number', minimum: 0.1, maximum: 8 }, { const: 'auto' }] }
  const width = { anyOf: [{ type: 'integer', minimum: 1, maximum: 16_383 }, { const: 'auto' }] }
  const own = [
    queryParameter('preset', 'A preset, at this place of the operations.', { type: 'string', enum: presets }),
    queryParameter('width', 'Pixels; chooses among the widths of a preset, or resizes.', width),
    queryParameter('dpr', 'Pixels for each CSS pixel.', density),
    queryParameter('v', 'Ignored: another value gets past caches.', { type: 'string' }),
    ...signatureParameters(),
  ]
  return onlyPresets ? own : [...allOperations().map(operationParameter), ...own]
}

/** Returns the parameters of a signed URL. */
function signatureParameters(): readonly Json[] {
  return [
    queryParameter('key', 'Id of the key of a signed URL.', { type: 'string' }),
    queryParameter('expires', 'End of a signed URL, in seconds since 1970.', { type: 'integer' }),
    queryParameter('signature', 'Signature of path and query.', { type: 'string', pattern: '^[\\w-]{43}$' }),
  ]
}

/** Returns an operation as a parameter: its shorthand, or text with parameters. */
function operationParameter(op: Op): Json {
  const text = { type: 'string', description: 'Parameters as `key=value`, joined by colons.' }
  const shorthand = op.shorthand === undefined ? [] : [toSchema(op.shorthand.schema)]
  return queryParameter(
    op.name,
    `${op.summary} ${op.kind === 'setting' ? SETTING : OPERATION}`,
    { anyOf: [...shorthand, text] },
    { example: formatOp({ [op.name]: op.example } as ImageOp) }, // the registry's own example
  )
}

/** Returns the JSON Schema of an input. */
export function toSchema(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return json
}
