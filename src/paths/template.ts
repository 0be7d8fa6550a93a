import { ImgprocError } from '../errors.js'
import { didYouMean } from '../utils/did-you-mean.js'

/** What the tokens of an output path template stand for. */
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
  /** Hex digits that stand for the source's content and the recipe. */
  readonly hash: string
}

export type TokenName = keyof TemplateValues

export interface Token {
  readonly name: TokenName
  /** `{hash:8}`: how many of its digits. */
  readonly length?: number
}

/** A path template, taken apart: texts as they are meant, and tokens. */
export type Template = readonly (string | Token)[]

/** What a source's path gives to a template. */
export function splitPath(path: string): Pick<TemplateValues, 'dir' | 'name' | 'srcext'> {
  const [, dir = '', file = ''] = /^(?:(.*)\/)?([^/]*)$/s.exec(path) ?? []
  const [, name = file, srcext = ''] = /^(.+)\.([^.]*)$/s.exec(file) ?? []
  return { dir, name, srcext }
}

/** The tokens, as they are offered in help and errors. */
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

/** What a text without tokens or doubled braces doesn't have. */
export const BRACES = /[{}]/
// An escaped brace, a token, or a brace that is neither; what is between them is text.
const BRACED = /(\{\{|\}\}|\{[^{}]*\}|[{}])/

/**
 * Takes an output path template apart. A brace that is meant as such is written twice: `{{` or `}}`.
 *
 * @throws ImgprocError INVALID_USAGE for an unknown token or a brace that stands alone.
 * @example
 * ```ts
 * parseTemplate('{dir}/{name}.{ext}') // [{ name: 'dir' }, '/', { name: 'name' }, '.', { name: 'ext' }]
 * ```
 */
export function parseTemplate(text: string): Template {
  const parts: (string | Token)[] = []
  let literal = ''
  for (const piece of text.split(BRACED)) {
    if (piece === '{' || piece === '}') throw complain(text, `has a "${piece}" without its partner.`)
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
    throw complain(text, `has an unknown token {${inside}}.${didYouMean(word, TOKEN_NAMES)}`)
  }
  if (digits === undefined) return { name }
  if (name !== 'hash') throw complain(text, `has {${inside}}, but only {hash:8} takes a number.`)
  const length = /^\d{1,2}$/.test(digits) ? Number(digits) : 0
  if (length < 4 || length > 64) throw complain(text, `has {${inside}}; a hash takes from 4 to 64 digits.`)
  return { name, length }
}

function complain(text: string, problem: string): ImgprocError {
  const tokens = TOKEN_NAMES.map((name) => `{${name}}`).join(' ')
  const help = `The tokens are ${tokens} and {hash:8}; a brace itself is written {{ or }}.`
  return new ImgprocError('INVALID_USAGE', `The path template "${text}" ${problem} ${help}`, {
    stage: 'usage',
  })
}

/**
 * Puts in the values that are known and leaves the other tokens for later. What comes back is a template
 * again (braces of a file name are doubled): give it to `fillTarget` or `resolveTarget`.
 *
 * @param literal whether `{dir}` keeps folders that a file system passes over: `a//b` and `./a`, as keys have them.
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
  if (!PASSED_OVER.test(filled)) return literal ? filled.replaceAll(KEPT, '') : filled
  const [first] = template
  const absolute = typeof first === 'string' && first.startsWith('/')
  // No token holds a slash, so the text can be split.
  const segments = filled.split('/').filter((segment) => segment !== '' && segment !== '.')
  return ((absolute ? '/' : '') + segments.join('/')).replaceAll(KEPT, '')
}

/** Folders that a file system passes over, such as an empty {dir} leaves. */
const PASSED_OVER = /(?:^|\/)\.?(?:\/|$)/

/** Puts in values that are the same for all, once: what comes back is for `fillTemplate`. */
export function settleTokens(template: Template, values: Partial<TemplateValues>): Template {
  return template.map((part) => (typeof part === 'string' ? part : (spellValue(part, values) ?? part)))
}

/** What no value holds: it keeps a folder from being passed over. */
const KEPT = '\0'

function markFolders(dir: string): string {
  return dir === '' ? '' : dir.replace(/(?<=^|\/)\.?(?=\/|$)/g, `$&${KEPT}`)
}

/** Puts more values into what `fillTemplate` has made, and changes nothing else of it. */
export function fillTarget(target: string, values: Partial<TemplateValues>): string {
  return parseTemplate(target)
    .map((part) => fillPart(part, values))
    .join('')
}

function fillPart(part: string | Token, values: Partial<TemplateValues>): string {
  if (typeof part === 'string') return escapeBraces(part)
  const text = spellValue(part, values)
  return text === undefined ? spellToken(part) : escapeBraces(text)
}

/** What a token stands for, as it may stand in a path; undefined where nobody knows yet. */
function spellValue({ name, length }: Token, values: Partial<TemplateValues>): string | undefined {
  const value = values[name]
  if (value === undefined) return undefined
  const text = String(value).slice(0, length)
  // Only {dir} may open folders; NUL is the one other character that no file system takes.
  return name === 'dir' ? text.replaceAll('\0', '_') : text.replace(/[/\\\0]/g, '_')
}

function spellToken({ name, length }: Token): string {
  return length === undefined ? `{${name}}` : `{${name}:${length}}`
}

function escapeBraces(text: string): string {
  return BRACES.test(text) ? text.replace(/[{}]/g, '$&$&') : text
}

/** Whether a target has tokens that are still open. */
export function isOpen(target: string): boolean {
  let at = target.indexOf('{')
  while (at >= 0 && target[at + 1] === '{') at = target.indexOf('{', at + 2)
  return at >= 0
}

/** The tokens that are still open in a target, each once. */
export function unresolvedTokens(target: string): TokenName[] {
  if (!BRACES.test(target)) return []
  const names = parseTemplate(target).flatMap((part) => (typeof part === 'string' ? [] : [part.name]))
  return [...new Set(names)]
}

/**
 * The path that a target stands for, once the picture has told what was still open.
 *
 * @throws ImgprocError INTERNAL when a token stays open.
 * @example
 * ```ts
 * resolveTarget('a{{b}}.{ext}', { ext: 'png' }) // 'a{b}.png'
 * ```
 */
export function resolveTarget(target: string, values: Partial<TemplateValues> = {}): string {
  if (!BRACES.test(target)) return target
  const texts = parseTemplate(target).map((part) => {
    if (typeof part === 'string') return part
    const text = spellValue(part, values)
    if (text !== undefined) return text
    throw new ImgprocError('INTERNAL', `Nothing fills {${part.name}} in the output path "${target}".`, {
      stage: 'write',
      path: target,
    })
  })
  return texts.join('')
}

/** Whether a target waits for the hash of the source's content. */
export function asksForHash(target: string): boolean {
  // The braces of most are the extension's.
  return target.includes('{hash') && unresolvedTokens(target).includes('hash')
}

/** What of a target is the same whatever the picture tells: what may collide has it in common. */
export function stemOf(target: string): string {
  return target.replace(/(?<!\{)(?:\{\{)*\{[^{].*$/s, '')
}
