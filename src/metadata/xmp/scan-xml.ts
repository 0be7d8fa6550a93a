/*
 * Splits XML into tokens with resolved namespaces (XML 1.0 and Namespaces in XML 1.0), in linear time and without recursion.
 * It knows no entities but those of characters: a document type declaration makes a text invalid. A parser of a package
 * would build a tree, and lose the exact text that is kept.
 */

/** The name of an element or attribute. */
export interface XmlName {
  /** As written, with its prefix. */
  readonly name: string
  readonly local: string
  /** The URI; empty for a name without a namespace, or with a prefix that is not declared. */
  readonly namespace: string
}

export interface XmlAttribute extends XmlName {
  /** Text of the value, with its entities. */
  readonly value: string
  /** Position of the white space before the name. */
  readonly start: number
  /** Position behind the value. */
  readonly end: number
}

export type XmlToken =
  | ({
      readonly type: 'start'
      readonly attributes: readonly XmlAttribute[]
      readonly isEmpty: boolean
    } & XmlName &
      Range)
  | ({ readonly type: 'end' } & XmlName & Range)
  | ({ readonly type: 'text' | 'cdata' | 'comment' | 'instruction' } & Range)
  /** The text is not well-formed. No token follows. */
  | { readonly type: 'invalid' }

/** Positions of a token in the text. */
interface Range {
  readonly start: number
  readonly end: number
}

/** A start tag. */
export type XmlStart = Extract<XmlToken, { type: 'start' }>

const SIMPLE = [
  { open: '<!--', close: '-->', type: 'comment' },
  { open: '<?', close: '?>', type: 'instruction' },
  { open: '<![CDATA[', close: ']]>', type: 'cdata' },
] as const

/** Returns the tokens of a text. An element left open makes it invalid. */
export function* scanXml(text: string): Generator<XmlToken, undefined> {
  const scope = createScope()
  const open: XmlName[] = []
  for (let at = 0; at < text.length;) {
    const token = readToken(text, at)
    if (token === undefined) return yield INVALID
    at = token.end
    if (token.type === 'tag') {
      const start = scope.enter(token)
      yield start
      if (start.isEmpty) scope.leave()
      else open.push(start)
    } else if (token.type === 'end') {
      const started = open.pop()
      if (started?.name !== token.name) return yield INVALID
      const { name, local, namespace } = started
      yield { ...token, name, local, namespace }
      scope.leave()
    } else yield token
  }
  if (open.length > 0) yield INVALID
}

const INVALID: XmlToken = { type: 'invalid' }

/** A start tag as written. */
interface RawTag extends Range {
  readonly type: 'tag'
  readonly name: string
  readonly attributes: readonly Omit<XmlAttribute, 'local' | 'namespace'>[]
  readonly isEmpty: boolean
}

type RawToken =
  | RawTag
  | ({ readonly type: 'end'; readonly name: string } & Range)
  | ({ readonly type: 'text' | 'cdata' | 'comment' | 'instruction' } & Range)

function readToken(text: string, start: number): RawToken | undefined {
  if (text[start] !== '<') {
    const next = text.indexOf('<', start)
    return { type: 'text', start, end: next < 0 ? text.length : next }
  }
  for (const { open, close, type } of SIMPLE) {
    if (!text.startsWith(open, start)) continue
    const end = text.indexOf(close, start + open.length)
    return end < 0 ? undefined : { type, start, end: end + close.length }
  }
  if (text[start + 1] === '!') return undefined
  if (text[start + 1] !== '/') return readTag(text, start)
  const nameEnd = skipName(text, start + 2)
  const close = skipSpace(text, nameEnd)
  if (nameEnd === start + 2 || text[close] !== '>') return undefined
  return { type: 'end', name: text.slice(start + 2, nameEnd), start, end: close + 1 }
}

function readTag(text: string, start: number): RawTag | undefined {
  const nameEnd = skipName(text, start + 1)
  if (nameEnd === start + 1) return undefined
  const attributes: Omit<XmlAttribute, 'local' | 'namespace'>[] = []
  for (let at = nameEnd; ;) {
    const before = at
    at = skipSpace(text, at)
    const isEmpty = text[at] === '/'
    if (isEmpty) at++
    if (text[at] === '>')
      return { type: 'tag', name: text.slice(start + 1, nameEnd), attributes, isEmpty, start, end: at + 1 }
    const end = skipName(text, at)
    if (isEmpty || before === at || end === at) return undefined
    const equals = skipSpace(text, end)
    const quote = skipSpace(text, equals + 1)
    if (text[equals] !== '=' || (text[quote] !== '"' && text[quote] !== "'")) return undefined
    const close = text.indexOf(text[quote], quote + 1)
    const value = text.slice(quote + 1, close)
    if (close < 0 || value.includes('<')) return undefined
    attributes.push({ name: text.slice(at, end), value, start: before, end: close + 1 })
    at = close + 1
  }
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (' \t\r\n'.includes(text[at] ?? 'x')) at++
  return at
}

const NAME_END = new Set(' \t\r\n=<>/"\'!?')

function skipName(text: string, from: number): number {
  let at = from
  while (at < text.length && !NAME_END.has(text[at]!)) at++
  return at
}

/** Tracks which namespace a prefix stands for. */
function createScope() {
  const bound = new Map<string, string[]>()
  const declared: string[][] = []
  const resolve = (name: string, isAttribute: boolean): XmlName => {
    const colon = name.indexOf(':')
    const local = name.slice(colon + 1)
    if (colon < 0 && isAttribute) return { name, local, namespace: '' }
    return { name, local, namespace: bound.get(name.slice(0, Math.max(0, colon)))?.at(-1) ?? '' }
  }
  return {
    enter({ name, attributes, isEmpty, start, end }: RawTag): XmlStart {
      const prefixes: string[] = []
      for (const attribute of attributes) {
        const prefix = declaredPrefix(attribute.name)
        if (prefix === undefined) continue
        const uris = bound.get(prefix) ?? []
        uris.push(decodeEntities(attribute.value))
        bound.set(prefix, uris)
        prefixes.push(prefix)
      }
      declared.push(prefixes)
      const resolved = attributes.map((attribute) => ({ ...attribute, ...resolve(attribute.name, true) }))
      return { type: 'start', ...resolve(name, false), attributes: resolved, isEmpty, start, end }
    },
    leave() {
      for (const prefix of declared.pop() ?? []) bound.get(prefix)?.pop()
    },
  }
}

/** Returns the prefix that an attribute declares, empty for the default namespace; undefined if it declares none. */
export function declaredPrefix(name: string): string | undefined {
  if (name === 'xmlns') return ''
  return name.startsWith('xmlns:') ? name.slice(6) : undefined
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Replaces references to characters. */
export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|([a-z]{1,8}));/gi,
    (all, hex?: string, decimal?: string, name = '') => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      if (Number.isNaN(code)) return ENTITIES[name] ?? all
      return code <= 0x10ffff ? String.fromCodePoint(code) : all
    },
  )
}
