import { z } from 'zod'
import { nearest } from './did-you-mean.js'

/** Problem in a value from a user. */
export interface Problem {
  /** Path in the value, such as `widths[1]`; empty for the value itself. */
  readonly path: string
  /** End of a sentence without full stop: `expected …, got …`. */
  readonly sentence: string
}

/** Parses a value by a schema. Returns the output, or the problems in words. */
export function check<S extends z.ZodType>(
  schema: S,
  value: unknown,
): { readonly data: z.output<S>; readonly problems?: undefined } | { readonly problems: readonly Problem[] } {
  const parsed = schema.safeParse(value, { error: expectation })
  if (parsed.success) return { data: parsed.data }
  const { issues } = parsed.error
  // A misspelt key also causes the issue of a missing key.
  const isMisspelt = issues.some((issue) => issue.code === 'unrecognized_keys')
  const shown = isMisspelt ? issues.filter((issue) => !isOfMissing(issue, value)) : issues
  return { problems: shown.flatMap((issue) => toProblems(issue, value, [])) }
}

function isOfMissing(issue: z.core.$ZodIssue, value: unknown): boolean {
  if (issue.code === 'unrecognized_keys') return false
  return issue.path.length === 0 || issue.code === 'custom' || valueAt(value, issue.path) === undefined
}

/** Names the expected value. zod calls this for each issue, with the schema. */
function expectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[String(issue.expected)] ?? String(issue.expected)
    case 'too_small':
      return `${issue.origin === 'string' || issue.origin === 'array' ? 'a length of ' : ''}at least ${issue.minimum}`
    case 'too_big':
      return `${issue.origin === 'string' || issue.origin === 'array' ? 'a length of ' : ''}at most ${issue.maximum}`
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`
    case 'invalid_union':
      return 'discriminator' in issue ? `one of ${options(issue.inst).join(', ')}` : 'another value'
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, keysOf(issue.inst))).join('; ')
    default:
      return 'another value'
  }
}

const TYPES: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

function unknownKey(key: string, known: readonly string[]): string {
  const guess = nearest(key, known)
  const help =
    guess === undefined
      ? `known ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`
      : `did you mean "${guess}"?`
  return known.length === 0 ? `unknown key "${key}"` : `unknown key "${key}", ${help}`
}

function keysOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** Returns the discriminator values of a union. */
function options(schema: unknown): string[] {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return []
  const { discriminator } = schema.def
  return schema.options.flatMap((branch) =>
    branch instanceof z.ZodObject && branch.shape[discriminator] instanceof z.ZodLiteral
      ? [...branch.shape[discriminator].values].map(String)
      : [],
  )
}

function toProblems(issue: z.core.$ZodIssue, root: unknown, above: readonly PropertyKey[]): Problem[] {
  const keys = [...above, ...issue.path]
  if (issue.code === 'invalid_union') {
    // A branch whose problems are below its top level has the more helpful message.
    const deeper = issue.errors.find(
      (branch) => branch.length > 0 && branch.every((inner) => inner.path.length > 0),
    )
    if (deeper !== undefined) return deeper.flatMap((inner) => toProblems(inner, root, keys))
  }
  const path = toPath(keys)
  if (issue.code === 'unrecognized_keys') return [{ path, sentence: issue.message }]
  // The sentence of a user's own schema.
  if (issue.code === 'custom' && issue.params?.['isSentence'] === true)
    return [{ path, sentence: issue.message }]
  const value = valueAt(root, keys)
  if (value === undefined && issue.code !== 'custom')
    return [{ path, sentence: `expected ${issue.message}, got nothing` }]
  const guess = typeof value === 'string' ? nearest(value, valuesOf(issue)) : undefined
  const help = guess === undefined ? '' : `, did you mean "${guess}"?`
  return [{ path, sentence: `expected ${issue.message}, got ${show(value)}${help}` }]
}

/** Returns the values of a choice that an issue is about. */
function valuesOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code !== 'invalid_union') return []
  return issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? valuesOf(inner) : []))
}

function valueAt(root: unknown, keys: readonly PropertyKey[]): unknown {
  let value = root
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

/** Returns a path such as `presets.thumb.widths[1]`. */
function toPath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(
    (path, key) =>
      typeof key === 'number' ? `${path}[${key}]` : path === '' ? String(key) : `${path}.${String(key)}`,
    '',
  )
}

/** Returns a value as a user would write it, at most 80 characters long. */
export function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : (toJson(value) ?? `a ${typeof value}`)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** Returns JSON, or a substitute for values that it has no form for: NaN, BigInt and circular objects. */
function toJson(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  try {
    return JSON.stringify(value)
  } catch {
    return typeof value === 'object' ? 'an object' : undefined
  }
}
