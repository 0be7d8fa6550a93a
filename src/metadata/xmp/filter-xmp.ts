import { declaredPrefix, scanXml, type XmlStart } from './scan-xml.js'
import { createXmpFilter, NAMESPACE, type XmpSelection } from './unwanted.js'

/*
 * XMP is RDF written as XML: a property is an attribute or an element, at any depth, with any prefix (XMP Specification
 * Part 1, ISO 16684-1, section 7; Part 3 lists its place in files). So properties are matched at any depth, by namespace.
 */

/** Start of a picture in Base64: JPEG, PNG, RIFF. Makers use namespaces of their own for previews. */
const PICTURE = /^\s{0,100}(?:\/9j\/|iVBORw0KGgo|UklGR)/
/** Characters that no picture falls short of. */
const MIN_PICTURE = 200

/** Longer packets are not read: no program needs them, and reading takes time. */
const MAX_BYTES = 2 ** 24

/**
 * Returns an XMP packet without properties that would be wrong for an output or reveal more than it shows, and without
 * coordinates unless `gps` is kept. Returns undefined if the packet can't be parsed, because it might hold anything.
 */
export function filterXmp(xmp: Uint8Array, selection: XmpSelection): string | undefined {
  const text = decodeXmp(xmp)
  if (text === undefined) return undefined
  const isUnwanted = createXmpFilter(selection)
  const kept: string[] = []
  // Open elements from the outermost unwanted one on.
  let skippedDepth = 0
  for (const token of scanXml(text)) {
    if (token.type === 'invalid') return undefined
    if (token.type === 'start') {
      const isSkipped = skippedDepth > 0 || isUnwanted(token)
      if (!isSkipped) kept.push(withoutAttributes(text, token, isUnwanted))
      else if (!token.isEmpty) skippedDepth++
      continue
    }
    const isSkipped = skippedDepth > 0
    if (token.type === 'end' && isSkipped) skippedDepth--
    if (isSkipped) continue
    const source = text.slice(token.start, token.end)
    // A comment may hold coordinates.
    const isRemoved = token.type === 'comment' ? !selection.gps : token.type === 'text' && isPicture(source)
    if (!isRemoved) kept.push(source)
  }
  return kept.join('')
}

function withoutAttributes(
  text: string,
  tag: XmlStart,
  isUnwanted: ReturnType<typeof createXmpFilter>,
): string {
  const parts: string[] = []
  let from = tag.start
  for (const attribute of tag.attributes) {
    const isPointer = attribute.value === NAMESPACE.note && declaredPrefix(attribute.name) !== undefined
    if (!isPointer && !isUnwanted(attribute) && !isPicture(attribute.value)) continue
    parts.push(text.slice(from, attribute.start))
    from = attribute.end
  }
  return parts.join('') + text.slice(from, tag.end)
}

function isPicture(text: string): boolean {
  return text.length >= MIN_PICTURE && PICTURE.test(text)
}

/** Decodes UTF-8, which all but a few very old files use. A packet may be padded with zeros. */
export function decodeXmp(xmp: Uint8Array): string | undefined {
  if (xmp.length > MAX_BYTES) return undefined
  let end = xmp.length
  while (end > 0 && xmp[end - 1] === 0) end--
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(xmp.subarray(0, end))
  } catch {
    return undefined
  }
}
