import { decodeXmp } from './filter-xmp.js'
import { declaredPrefix, scanXml, type XmlName, type XmlStart } from './scan-xml.js'
import { NAMESPACE } from './namespaces.js'

/** Declarations of namespaces by prefix, as text of attributes with a space in front. */
type Declarations = ReadonlyMap<string, string>

/** An element below rdf:RDF. */
interface Part {
  readonly start: number
  readonly end: number
  /** Start tag of the element, or of the rdf:Description around it. */
  readonly tag: XmlStart
  /** Declarations of the elements around it. */
  readonly declarations: Declarations
}

/** Places in a packet. */
interface Outline {
  /** Elements below rdf:RDF: usually rdf:Description. */
  readonly descriptions: readonly Part[]
  /** Properties that are elements, below those. */
  readonly properties: readonly Part[]
  /** Position of the end tag of rdf:RDF. */
  readonly rdfEnd: number
}

function isRdf({ namespace, local }: XmlName, name: string): boolean {
  return namespace === NAMESPACE.rdf && local === name
}

/** Characters of start tags of rdf:Description and around it: their declarations are copied. */
const MAX_DECLARED = 2 ** 20

/** Finds the parts of a packet. Returns undefined if it is not well-formed or has no rdf:RDF with contents. */
function outline(text: string): Outline | undefined {
  const open: { tag: XmlStart; declarations: Declarations }[] = []
  let declared = 0
  const descriptions: Part[] = []
  const properties: Part[] = []
  let rdfDepth = 0
  let rdfEnd = -1
  const close = (end: number) => {
    const { tag } = open.pop()!
    const depth = open.length - rdfDepth
    const around = open.at(-1)
    if (rdfDepth === 0 || around === undefined || (depth !== 0 && depth !== 1)) return
    const part = {
      start: tag.start,
      end,
      tag: depth === 0 ? tag : around.tag,
      declarations: around.declarations,
    }
    if (depth === 0) descriptions.push(part)
    else if (isRdf(around.tag, 'Description')) properties.push(part)
  }
  for (const token of scanXml(text)) {
    if (token.type === 'invalid') return undefined
    if (token.type === 'start') {
      // Deeper elements need no declarations: they move with their property.
      const outer = open.at(-1)?.declarations
      const isDeep = rdfDepth > 0 && open.length > rdfDepth
      if (!isDeep) declared += token.end - token.start
      if (declared > MAX_DECLARED) return undefined
      open.push({ tag: token, declarations: isDeep && outer ? outer : declare(text, token, outer) })
      if (rdfDepth === 0 && isRdf(token, 'RDF') && !token.isEmpty) rdfDepth = open.length
      if (token.isEmpty) close(token.end)
    } else if (token.type === 'end') {
      if (open.length === rdfDepth && rdfEnd < 0) rdfEnd = token.start
      close(token.end)
    }
  }
  return rdfEnd < 0 ? undefined : { descriptions, properties, rdfEnd }
}

function declare(text: string, { attributes }: XmlStart, outer: Declarations | undefined): Declarations {
  const declarations = new Map(outer)
  for (const { name, start, end } of attributes) {
    const prefix = declaredPrefix(name)
    if (prefix !== undefined) declarations.set(prefix, text.slice(start, end))
  }
  return declarations
}

/** The property xmpNote:HasExtendedXMP, as an attribute or an element. */
const POINTER =
  /\s[\w-]{1,50}:HasExtendedXMP\s{0,9}=\s{0,9}["'][\dA-Fa-f]{32}["']|<([\w-]{1,50}:HasExtendedXMP)>[\dA-Fa-f]{32}<\/\1>/

/** Returns true if a packet names an extension. */
export function namesExtension(xmp: Uint8Array): boolean {
  return Buffer.from(xmp.buffer, xmp.byteOffset, xmp.byteLength).includes('HasExtendedXMP')
}

/** Returns a packet with the properties of another behind its own. Returns undefined if one of them can't be parsed. */
export function joinPackets(main: Uint8Array, extension: Uint8Array): Buffer | undefined {
  const [text, other] = [decodeXmp(main), decodeXmp(extension)]
  const [place, source] = [text && outline(text), other && outline(other)]
  if (text === undefined || other === undefined || !place || !source) return undefined
  const moved = source.descriptions.map(({ start, end, tag, declarations }) => {
    const own = new Set(tag.attributes.map(({ name }) => declaredPrefix(name)))
    const missing = [...declarations]
      .filter(([prefix]) => !own.has(prefix))
      .map(([, declaration]) => declaration)
    const nameEnd = start + 1 + tag.name.length
    return other.slice(start, nameEnd) + missing.join('') + other.slice(nameEnd, end)
  })
  const joined = text.slice(0, place.rdfEnd) + moved.join('') + text.slice(place.rdfEnd)
  return Buffer.from(joined.replace(POINTER, ''))
}

/** Returns a packet with another rdf:Description, which declares its own prefixes. Returns undefined if it can't be parsed. */
export function addDescription(xmp: string, description: string): string | undefined {
  const place = outline(xmp)
  return place && xmp.slice(0, place.rdfEnd) + description + xmp.slice(place.rdfEnd)
}

interface SplitPacket {
  readonly main: string
  readonly extension: string
  readonly guid: string
}

/** Bytes for the GUID and its namespace. */
const POINTER_BYTES = 150

/** Moves the longest properties of a packet into an extension, until the rest fits. Returns undefined if it never does. */
export function splitPacket(
  xmp: string,
  maxBytes: number,
  toGuid: (extension: string) => string,
): SplitPacket | undefined {
  const found = outline(xmp)
  const first = found?.descriptions.find(({ tag }) => isRdf(tag, 'Description'))
  if (found === undefined || first === undefined) return undefined
  const bytesOf = ({ start, end }: Part) => Buffer.byteLength(xmp.slice(start, end))
  let excess = Buffer.byteLength(xmp) + POINTER_BYTES - maxBytes
  const moved: Part[] = []
  const longestFirst = found.properties
    .map((part) => ({ part, bytes: bytesOf(part) }))
    .toSorted((a, b) => b.bytes - a.bytes)
  for (const { part, bytes } of longestFirst) {
    if (excess <= 0) break
    moved.push(part)
    excess -= bytes
  }
  if (excess > 0) return undefined
  moved.sort((a, b) => a.start - b.start)
  const extension = writeExtension(xmp, moved)
  const guid = toGuid(extension)
  return { main: withPointer(withoutParts(xmp, moved), first, guid), extension, guid }
}

/** An extension is a packet without the wrapper of processing instructions. */
function writeExtension(xmp: string, parts: readonly Part[]): string {
  const descriptions = parts.map(({ start, end, tag, declarations }) => {
    const about = tag.attributes.find((attribute) => isRdf(attribute, 'about'))
    // The name of the tag has the prefix of RDF in the packet, which its declarations bind.
    const attributes = (about ? xmp.slice(about.start, about.end) : '') + [...declarations.values()].join('')
    return `<${tag.name}${attributes}>${xmp.slice(start, end)}</${tag.name}>`
  })
  const rdf = `<rdf:RDF xmlns:rdf="${NAMESPACE.rdf}">${descriptions.join('')}</rdf:RDF>`
  return `<x:xmpmeta xmlns:x="adobe:ns:meta/">${rdf}</x:xmpmeta>`
}

function withoutParts(xmp: string, parts: readonly Part[]): string {
  let from = 0
  const kept = parts.map(({ start, end }) => {
    const text = xmp.slice(from, start)
    from = end
    return text
  })
  return kept.join('') + xmp.slice(from)
}

/** Names the extension in the first rdf:Description, which begins before all that was moved. */
function withPointer(main: string, { start, tag }: Part, guid: string): string {
  const at = start + 1 + tag.name.length
  const prefix = tag.attributes.some(({ name }) => name === 'xmlns:xmpNote') ? 'xmpNote2' : 'xmpNote'
  const pointer = ` xmlns:${prefix}="${NAMESPACE.note}" ${prefix}:HasExtendedXMP="${guid}"`
  return main.slice(0, at) + pointer + main.slice(at)
}
