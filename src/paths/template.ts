import { ImgprocError } from '../errors.js'
import { didYouMean } from '../utils/did-you-mean.js'

/** Values of the tokens in an output path template. */
export interface TemplateValues {
  /** The source's folder below the base, with `/`; empty for the base itself. */
  readonly dir: string
  /** The source's file name without its extension. */
  readonly name: string
  /** The output's extension, without the dot. */
  readonly ext: string
  /** The source's extension, without the dot. */
  readonly srcext: string
  readonly preset: string
  /** Pixels. */
  readonly width: number
  /** Pixels. */
  readonly height: number
  readonly format: string
  /** Hex digits of a hash of the source's content and the recipe. */
  readonly hash: string
}

export type TokenName = keyof TemplateValues

export interface Token {
  readonly name: TokenName
  /** Number of digits, as in `{hash:8}`. @default all */
  readonly length?: number
}

/** A parsed path template: literal texts, unescaped, and tokens. */
export type Template = readonly (string | Token)[]

/** Splits a source's path into values of a template. */
export function splitPath(path: string): Pick<TemplateValues, 'dir' | 'name' | 'srcext'> {
  const [, dir = '', file = ''] = /^(?:(.*)\/)?([^/]*)$/s.exec(path) ?? []
  const [, name = file, srcext = ''] = /^(.+)\.([^.]*)$/s.exec(file) ?? []
  return { dir, name, srcext }
}

/** Names of all tokens, in the order of help and errors. */
export const TOKEN_NAMES: readonly TokenName[] = [
  'dir',
  'name',
  'ext',
  'srcext',
  'preset',
  'width',
  'height',
  'format',
  'hash',
]

/** Matches text that has tokens or escaped braces. */
export const BRACES = /[{}]/
// An escaped brace, a token, or an unmatched brace. The rest is literal text.
const BRACED = /(\{\{|\}\}|\{[^{}]*\}|[{}])/

/**
 * Parses an output path template. A literal brace is written `{{` or `}}`.
 *
 * @throws ImgprocError INVALID_USAGE for an unknown token or an unmatched brace.
 * @example
 * ```ts
 * parseTemplate('{dir}/{name}.{ext}') // [{ name: 'dir' }, '/', { name: 'name' }, '.', { name: 'ext' }]
 * ```
 */
export function parseTemplate(text: string): Template {
  const parts: (string | Token)[] = []
  let literal = ''
  for (const piece of text.split(BRACED)) {
    if (piece === '{' || piece === '}') throw createTemplateError(text, `has an unmatched "${piece}".`)
    if (piece === '{{' || piece === '}}' || piece[0] !== '{') {
      literal += piece === '{{' || piece === '}}' ? piece.charAt(0) : piece
      continue
    }
    if (literal !== '') parts.push(literal)
    literal = ''
    parts.push(parseToken(piece.slice(1, -1), text))
  }
  if (literal !== '') parts.push(literal)
  return parts
}

function parseToken(inside: string, text: string): Token {
  const [word = '', digits] = inside.split(/:(.*)/s)
  const name = TOKEN_NAMES.find((known) => known === word)
  if (name === undefined) {
    throw createTemplateError(text, `has an unknown token {${inside}}.${didYouMean(word, TOKEN_NAMES)}`)
  }
  if (digits === undefined) return { name }
  if (name !== 'hash')
    throw createTemplateError(
      text,
      `has {${inside}}, but only {hash} takes a number of digits, as in {hash:8}.`,
    )
  const length = /^\d{1,2}$/.test(digits) ? Number(digits) : 0
  if (length < 4 || length > 64)
    throw createTemplateError(text, `has {${inside}}, but {hash} takes from 4 to 64 digits.`)
  return { name, length }
}

function createTemplateError(text: string, problem: string): ImgprocError {
  const tokens = TOKEN_NAMES.map((name) => `{${name}}`).join(' ')
  const help = `The tokens are ${tokens} and {hash:8}; a brace itself is written {{ or }}.`
  return new ImgprocError('INVALID_USAGE', `The path template "${text}" ${problem} ${help}`, {
    stage: 'usage',
  })
}

/**
 * Fills the tokens whose values are known and leaves the others. Returns a target: a template again, with braces of file
 * names escaped, for `fillTarget` or `resolveTarget`.
 *
 * @param literal keeps folders in `{dir}` that a file system ignores: `a//b` and `./a`, as in keys of S3.
 * @example
 * ```ts
 * fillTemplate(parseTemplate('{dir}/{name}.{ext}'), { dir: '', name: 'a{b}' }) // 'a{{b}}.{ext}'
 * ```
 */
export function fillTemplate(
  template: Template,
  values: Partial<TemplateValues>,
  { literal = false }: { readonly literal?: boolean } = {},
): string {
  let filled = ''
  for (const part of template) {
    const text = fillPart(part, values)
    filled += literal && typeof part !== 'string' && part.name === 'dir' ? markFolders(text) : text
  }
  if (!IGNORED_FOLDER.test(filled)) return literal ? filled.replaceAll(KEPT, '') : filled
  const [first] = template
  const absolute = typeof first === 'string' && first.startsWith('/')
  // No token holds a slash, so the text can be split.
  const segments = filled.split('/').filter((segment) => segment !== '' && segment !== '.')
  return ((absolute ? '/' : '') + segments.join('/')).replaceAll(KEPT, '')
}

/** Folders that a file system ignores: empty ones, which an empty {dir} leaves, and `.`. */
const IGNORED_FOLDER = /(?:^|\/)\.?(?:\/|$)/

/** Fills values that are the same for all outputs. Returns a template for `fillTemplate`. */
export function settleTokens(template: Template, values: Partial<TemplateValues>): Template {
  return template.map((part) => (typeof part === 'string' ? part : (formatValue(part, values) ?? part)))
}

/** Marks an empty folder to keep. No value contains it. */
const KEPT = '\0'

function markFolders(dir: string): string {
  return dir === '' ? '' : dir.replace(/(?<=^|\/)\.?(?=\/|$)/g, `$&${KEPT}`)
}

/** Fills more tokens of a target and changes nothing else. */
export function fillTarget(target: string, values: Partial<TemplateValues>): string {
  return parseTemplate(target)
    .map((part) => fillPart(part, values))
    .join('')
}

function fillPart(part: string | Token, values: Partial<TemplateValues>): string {
  if (typeof part === 'string') return escapeBraces(part)
  const text = formatValue(part, values)
  return text === undefined ? formatToken(part) : escapeBraces(text)
}

/** Returns the value of a token, safe for a path, or undefined if it is not known yet. */
function formatValue({ name, length }: Token, values: Partial<TemplateValues>): string | undefined {
  const value = values[name]
  if (value === undefined) return undefined
  const text = String(value).slice(0, length)
  // Only {dir} may contain separators. NUL is invalid on every file system.
  return name === 'dir' ? text.replaceAll('\0', '_') : text.replace(/[/\\\0]/g, '_')
}

function formatToken({ name, length }: Token): string {
  return length === undefined ? `{${name}}` : `{${name}:${length}}`
}

function escapeBraces(text: string): string {
  return BRACES.test(text) ? text.replace(/[{}]/g, '$&$&') : text
}

/** Returns true if a target has unfilled tokens. */
export function isOpen(target: string): boolean {
  let at = target.indexOf('{')
  while (at >= 0 && target[at + 1] === '{') at = target.indexOf('{', at + 2)
  return at >= 0
}

/** Returns the unfilled tokens of a target, each once. */
export function unresolvedTokens(target: string): TokenName[] {
  if (!BRACES.test(target)) return []
  const names = parseTemplate(target).flatMap((part) => (typeof part === 'string' ? [] : [part.name]))
  return [...new Set(names)]
}

/**
 * Returns the output path of a target, with the values that are known only after rendering.
 *
 * @throws ImgprocError INTERNAL if a token has no value.
 * @example
 * ```ts
 * resolveTarget('a{{b}}.{ext}', { ext: 'png' }) // 'a{b}.png'
 * ```
 */
export function resolveTarget(target: string, values: Partial<TemplateValues> = {}): string {
  if (!BRACES.test(target)) return target
  const texts = parseTemplate(target).map((part) => {
    if (typeof part === 'string') return part
    const text = formatValue(part, values)
    if (text !== undefined) return text
    throw new ImgprocError('INTERNAL', `The output path "${target}" has no value for {${part.name}}.`, {
      stage: 'write',
      path: target,
    })
  })
  return texts.join('')
}

/**
 * Returns the path of a target as far as it is known, for messages. Tokens without a value stay.
 *
 * @example
 * ```ts
 * describeTarget('a-{width}w.{ext}', { width: 640 }) // 'a-640w.{ext}'
 * ```
 */
export function describeTarget(target: string, values: Partial<TemplateValues> = {}): string {
  if (!BRACES.test(target)) return target
  return parseTemplate(target)
    .map((part) => (typeof part === 'string' ? part : (formatValue(part, values) ?? formatToken(part))))
    .join('')
}

/** Returns true if a target needs the hash of the source's content. */
export function asksForHash(target: string): boolean {
  // Most targets have no unfilled token but the extension.
  return target.includes('{hash') && unresolvedTokens(target).includes('hash')
}

/** Returns the part of a target before its first unfilled token. Targets that can collide have it in common. */
export function stemOf(target: string): string {
  return target.replace(/(?<!\{)(?:\{\{)*\{[^{].*$/s, '')
}
