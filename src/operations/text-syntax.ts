import { check } from '../utils/validate.js'
import type { ImageOp } from './image-op.generated.js'
import type { Op } from './define-operation.js'
import { createOperationError } from './errors.js'

/*
 * Text syntax of an operation in flags and URLs: a shorthand, parameters as key=value, or both, joined by colons.
 *   100x100    webp:quality=80    200x200:fit=cover:position=attention    aspect=16:9
 * It uses only characters that are literal in shells, YAML (block and flow) and URLs. In a value, `%3A` is a colon and
 * `%3D` an equals sign, for values that look like another parameter.
 */

const PARAMETER = /^([A-Za-z][A-Za-z0-9]*)=(.*)$/s

/** Parses text into an operation's shorthand or parameters, with the types of its schema. Throws INVALID_OPERATION. */
export function readText(op: Op, text: string): unknown {
  const { head, params } = replaceAliases(op, splitText(text))
  if (Object.keys(params).length === 0) return head === undefined ? text : coerceText(op, head)
  return coerceParams(op, { ...(head !== undefined && readShorthand(op, coerceText(op, head))), ...params })
}

/** Returns an input with numbers and flags that are written as text in their own type, and without aliases. */
export function readInput(op: Op, input: unknown): unknown {
  if (typeof input === 'string') {
    return input.includes('=') ? readText(op, input) : coerceText(op, unalias(op, input))
  }
  return op.aliases === undefined ? input : unaliasAll(op, input)
}

function unalias({ aliases = {} }: Op, value: string): string {
  return Object.hasOwn(aliases, value) ? aliases[value]! : value
}

function unaliasAll(op: Op, value: unknown): unknown {
  if (typeof value === 'string') return unalias(op, value)
  if (Array.isArray(value)) return value.map((item) => unaliasAll(op, item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unaliasAll(op, one)]))
}

/** Formats an operation as text. `readText` parses it to the same operation. */
export function formatOp(item: ImageOp): string {
  const [[, input] = []] = Object.entries(item)
  if (typeof input === 'string' && input.includes('=')) return input // already in text syntax
  if (typeof input !== 'object' || input === null) return escape(String(input))
  if (Array.isArray(input)) return input.map((part) => escape(String(part))).join(':')
  const params = Object.entries(input).filter(([, value]) => value !== undefined)
  // All parameters have their defaults.
  if (params.length === 0) return 'true'
  return params.map(([key, value]) => `${key}=${escape(formatValue(value))}`).join(':')
}

/** Formats a value: a list by commas, an area as in `20%x30%@10%x15%`. */
function formatValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(formatValue).join(',')
  if (typeof value !== 'object' || value === null) return String(value)
  const { width, height, left, top } = value as Partial<Record<string, unknown>> // the only objects in parameters
  return `${String(width)}x${String(height)}@${String(left)}x${String(top)}`
}

/** Escapes percent-encoded characters, and text that looks like a parameter. */
function escape(value: string): string {
  return value
    .replace(/%(?=[0-9A-Fa-f]{2})/g, '%25')
    .replace(/^([A-Za-z][A-Za-z0-9]*)=/, '$1%3D')
    .replace(/:(?=[A-Za-z][A-Za-z0-9]*=)/g, '%3A')
}

function unescape(value: string): string {
  return value.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

interface TextParts {
  readonly head: string | undefined
  readonly params: Readonly<Record<string, string>>
}

function replaceAliases(op: Op, { head, params }: TextParts): TextParts {
  const replace = (list: string) =>
    list
      .split(',')
      .map((value) => unalias(op, value))
      .join(',')
  return {
    head: head === undefined ? undefined : replace(head),
    params: Object.fromEntries(Object.entries(params).map(([key, value]) => [key, replace(value)])),
  }
}

function splitText(text: string): TextParts {
  const parts: { key: string | undefined; value: string }[] = []
  for (const segment of text.split(':')) {
    const [, key, value = segment] = PARAMETER.exec(segment) ?? []
    const before = parts.at(-1)
    // A colon inside a value: 16:9, 4:2:0, https://…
    if (key === undefined && before !== undefined) before.value += `:${segment}`
    else parts.push({ key, value })
  }
  const head = parts.find(({ key }) => key === undefined)?.value
  const params = parts.filter(({ key }) => key !== undefined).map(({ key, value }) => [key, unescape(value)])
  return { head: head === undefined ? undefined : unescape(head), params: Object.fromEntries(params) }
}

/** Returns the parameters that a shorthand stands for. */
function readShorthand(op: Op, short: unknown): object {
  if (op.shorthand === undefined)
    throw createOperationError(`expected parameters such as key=value, got "${String(short)}"`, op.name)
  const checked = check(op.shorthand.schema, short)
  if (checked.problems !== undefined) throw createOperationError(checked.problems[0]!.sentence, op.name)
  return Object(op.shorthand.read(checked.data))
}

/** Converts text to the type of the shorthand: `90` is a number for rotate and a string for flatten. */
function coerceText(op: Op, text: string): unknown {
  const candidates = [text, ...parseScalar(text)]
  return candidates.find((value) => op.shorthand?.schema.safeParse(value).success) ?? candidates.at(-1)
}

/** Converts parameters to the types of the schema. Values rejected as strings become numbers, booleans or lists. */
function coerceParams(op: Op, params: Record<string, unknown>): Record<string, unknown> {
  const issues = op.params.safeParse(params).error?.issues ?? []
  // A user's check may not say which parameter it refuses.
  const refused = issues.some(({ path }) => path.length === 0)
    ? Object.keys(params)
    : issues.map((issue) => issue.path[0])
  const coerced = { ...params }
  for (const [key, value] of Object.entries(params)) {
    if (!refused.includes(key) || typeof value !== 'string') continue
    const list = value.split(',')
    coerced[key] =
      parseScalar(value)[0] ??
      // A list of numbers, such as a matrix, else one of texts.
      [list.flatMap(parseScalar), list].find(
        (values) => values.length === list.length && isAccepted(op, { ...params, [key]: values }, key),
      ) ??
      (list.length > 1 ? list : value)
  }
  return coerced
}

/** Returns true if the schema reports no issue with a parameter. */
function isAccepted(op: Op, params: Record<string, unknown>, key: string): boolean {
  return op.params.safeParse(params).error?.issues.some((issue) => issue.path[0] === key) !== true
}

function parseScalar(text: string): (number | boolean)[] {
  if (text === 'true') return [true]
  if (text === 'false') return [false]
  return text.trim() !== '' && Number.isFinite(Number(text)) ? [Number(text)] : []
}
