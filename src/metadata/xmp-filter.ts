import type { Keep } from './keep.js'

/*
 * XMP is RDF written as XML: a property is an attribute or an element, at any depth, with any prefix (XMP Specification
 * Part 1, ISO 16684-1, section 7; Part 3 lists its place in files). So names are matched at any depth and without their
 * prefix. Coordinates are removed: exif:GPSLatitude and its like, those of drones (drone-dji:GpsLatitude, :Longtitude),
 * geo:lat. Text by a person, such as a city or a caption, is kept.
 */
const POSITION = /gps|latitude|long(?:i|ti)tude|altitude|^(?:lat|lon|long|lat_long)$/i

/** Properties that describe the bytes of the source and are wrong for an output: thumbnails, gain maps, motion photos. */
const STALE = /^(?:xmp:Thumbnails|hdrgm:.*|Container:Directory|G?Camera:(?:MotionPhoto|MicroVideo).*)$/

// Matches a comment, a processing instruction, character data, an end tag, a start tag with its attributes, or text.
const TOKEN =
  /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[[^]*?\]\]>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/y
const ATTRIBUTE = /\s+([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')/g

/**
 * Returns an XMP packet without properties that would be wrong for an output, and without coordinates unless `gps` is kept.
 * Returns undefined if the packet can't be parsed, because it might hold coordinates anywhere.
 */
export function filterXmp(xmp: Uint8Array, { gps }: Pick<Keep, 'gps'>): string | undefined {
  const text = decode(xmp)
  if (text === undefined) return undefined
  const isUnwanted = (name: string) => STALE.test(name) || (!gps && POSITION.test(name.replace(/^.*:/, '')))
  const kept: string[] = []
  const open: string[] = []
  // Open elements from the outermost unwanted one on.
  let skippedDepth = 0
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const token = TOKEN.exec(text)
    if (token === null) return undefined
    const [all, end, start, attributes = '', empty] = token
    if (start !== undefined) {
      const isSkipped = skippedDepth > 0 || isUnwanted(start)
      if (!isSkipped) kept.push(`<${start}${withoutAttributes(attributes, isUnwanted)}${empty}>`)
      if (empty === '') {
        open.push(start)
        if (isSkipped) skippedDepth++
      }
    } else if (end === undefined) {
      // A comment may hold coordinates.
      if (skippedDepth === 0 && (gps || !all.startsWith('<!--'))) kept.push(all)
    } else {
      if (open.pop() !== end) return undefined
      if (skippedDepth === 0) kept.push(all)
      else skippedDepth--
    }
  }
  return open.length === 0 ? kept.join('') : undefined
}

function withoutAttributes(attributes: string, isUnwanted: (name: string) => boolean): string {
  return attributes.replace(ATTRIBUTE, (all, name: string) => (isUnwanted(name) ? '' : all))
}

/** Decodes UTF-8, which all but a few very old files use. A packet may be padded with zeros. */
function decode(xmp: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(xmp).replace(/\0+$/, '')
  } catch {
    return undefined
  }
}
