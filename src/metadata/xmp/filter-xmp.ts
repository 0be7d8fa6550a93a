import { isProperty, trackLevels, type XmpLevel } from './levels.js'
import { NAMESPACE } from './namespaces.js'
import { declaredPrefix, scanXml, type XmlAttribute, type XmlName, type XmlStart } from './scan-xml.js'
import { createXmpFilter, type XmpSelection } from './unwanted.js'

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
 * coordinates unless `gps` is kept; an empty text if `only` leaves no property. Returns undefined if the packet can't be
 * parsed, because it might hold anything.
 */
export function filterXmp(xmp: Uint8Array, selection: XmpSelection): string | undefined {
  const text = decodeXmp(xmp)
  if (text === undefined) return undefined
  const { only, gps } = selection
  const unwanted: UnwantedNames = { isUnwanted: createXmpFilter(selection), only }
  const levels = trackLevels()
  const kept: string[] = []
  let hasProperties = only === undefined
  // Open elements from the outermost unwanted one on.
  let skippedDepth = 0
  for (const token of scanXml(text)) {
    if (token.type === 'invalid') return undefined
    if (token.type === 'start') {
      const level = levels.enter(token, token.isEmpty)
      if (skippedDepth > 0 || isUnwantedElement(token, level, unwanted)) {
        if (!token.isEmpty) skippedDepth++
        continue
      }
      const isOther = isUnwantedAttribute(level, unwanted)
      hasProperties ||= level === 'property'
      hasProperties ||=
        level === 'description' && token.attributes.some((each) => isProperty(each) && !isOther(each))
      kept.push(withoutAttributes(text, token, isOther))
      continue
    }
    const isSkipped = skippedDepth > 0
    if (token.type === 'end') {
      levels.leave()
      if (isSkipped) skippedDepth--
    }
    if (isSkipped) continue
    const source = text.slice(token.start, token.end)
    // A comment may hold coordinates.
    const isRemoved = token.type === 'comment' ? !gps : token.type === 'text' && isPicture(source)
    // Space that belonged to removed properties, and the padding of the packet.
    const isPadding =
      only !== undefined && token.type === 'text' && !levels.isInProperty() && source.trim() === ''
    if (!isRemoved && !isPadding) kept.push(source)
  }
  return hasProperties ? kept.join('') : ''
}

/** Names to leave out at any depth, and those to keep directly below a description. */
interface UnwantedNames {
  readonly isUnwanted: (name: XmlName) => boolean
  readonly only: XmpSelection['only']
}

function isUnwantedElement(name: XmlName, level: XmpLevel, { isUnwanted, only }: UnwantedNames): boolean {
  return isUnwanted(name) || (level === 'property' && only?.(name) === false)
}

function isUnwantedAttribute(
  level: XmpLevel,
  { isUnwanted, only }: UnwantedNames,
): (attribute: XmlAttribute) => boolean {
  return (attribute) =>
    isUnwanted(attribute) || (level === 'description' && isProperty(attribute) && only?.(attribute) === false)
}

function withoutAttributes(
  text: string,
  tag: XmlStart,
  isUnwanted: (attribute: XmlAttribute) => boolean,
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
