import { z } from 'zod'
import { asRecord } from '../../utils/parse-json.js'
import type { OwnOperation, StandardIssue, StandardResult } from './types.js'

/** Returns the parameters of an operation as a schema, whatever library its own schema is of. */
export function toParamsSchema({ name, params }: OwnOperation): z.ZodType {
  if (params === undefined) return z.strictObject({})
  return z
    .unknown()
    .transform((input, context) => {
      const { issues, value } = toResult(params, input, name)
      for (const { message, path } of issues ?? []) {
        const keys = path?.map((part) => (typeof part === 'object' ? part.key : part)) ?? []
        context.addIssue({ code: 'custom', message, path: keys, input, params: { isSentence: true } })
      }
      return issues === undefined ? value : z.NEVER
    })
    .meta(describe(params))
}

/** Returns the shorthand of an operation: its own, and `true` if it needs no parameters. */
export function toShorthandSchema(
  { shorthand }: OwnOperation,
  params: z.ZodType,
): { readonly schema: z.ZodType; readonly read: (value: unknown) => unknown } {
  const read = (value: unknown) => {
    const isFilled = value === true && params.safeParse({}).success
    return isFilled || shorthand === undefined ? {} : shorthand(value as string | number | boolean) // checked below
  }
  const schema = z
    .union([z.string(), z.number(), z.boolean()], { error: 'a value or parameters' })
    .superRefine((value, context) => {
      const isAccepted = shorthand !== undefined || value === true
      if (!isAccepted)
        return context.addIssue({ code: 'custom', message: 'parameters such as key=value', input: value })
      const { error } = params.safeParse(attempt(() => read(value)))
      for (const { message, path } of error?.issues ?? [])
        context.addIssue({ code: 'custom', message, path, input: value, params: { isSentence: true } })
    })
  return { schema, read }
}

type Checked =
  | { readonly issues: readonly StandardIssue[]; readonly value?: undefined }
  | { readonly issues?: undefined; readonly value: unknown }

function toResult(params: NonNullable<OwnOperation['params']>, input: unknown, name: string): Checked {
  try {
    if (typeof params === 'function') return { value: params(input) }
    const result: unknown = params['~standard'].validate(input)
    if (result instanceof Promise) {
      result.catch(() => {})
      return { issues: [{ message: `the schema of ${name} is asynchronous; use one that is not` }] }
    }
    const { issues, value } = result as StandardResult<unknown> & { readonly value?: unknown } // by the standard
    return issues === undefined ? { value } : { issues }
  } catch (error) {
    return { issues: [{ message: error instanceof Error ? error.message : String(error) }] }
  }
}

/** Returns undefined instead of throwing: the schema then says what is missing. */
function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Returns the JSON Schema of parameters for help, if their library makes one (Standard JSON Schema). */
function describe(params: NonNullable<OwnOperation['params']>): Readonly<Record<string, unknown>> {
  if (typeof params === 'function') return {}
  const { jsonSchema } = params['~standard'] as { jsonSchema?: { input?: (options: object) => unknown } } // optional
  try {
    const { $schema: _, ...schema } = asRecord(jsonSchema?.input?.({ target: 'draft-2020-12' }))
    return schema
  } catch {
    return {}
  }
}
