import type { Keep } from './keep.js'

/*
 * XMP is RDF written as XML: properties stand as attributes or as elements, inside one another, under any prefix.
 * (XMP Specification Part 1, ISO 16684-1, section 7; Part 3 for where files hold it.) So names are judged without
 * their prefix, wherever they stand. Coordinates go: exif:GPSLatitude and its kin, those of drones
 * (drone-dji:GpsLatitude, :Longtitude), geo:lat. What a person wrote, such as a city or a caption, stays.
 */
const POSITION = /gps|latitude|long(?:i|ti)tude|altitude|^(?:lat|lon|long|lat_long)$/i

/** What describes the source's bytes and is wrong of any other: pictures before they were cropped, gain maps, films. */
const STALE = /^(?:xmp:Thumbnails|hdrgm:.*|Container:Directory|G?Camera:(?:MotionPhoto|MicroVideo).*)$/

// A comment, a processing instruction, character data, an end tag, a start tag with its attributes, text.
const TOKEN =
  /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[[^]*?\]\]>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/y
const ATTRIBUTE = /\s+([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')/g

/**
 * An XMP packet without what is false of another picture, and without coordinates unless they are kept. Undefined
 * where it can't be read, so that nobody knows what is in it.
 */
export function filterXmp(xmp: Uint8Array, { gps }: Pick<Keep, 'gps'>): string | undefined {
  const text = decode(xmp)
  if (text === undefined) return undefined
  const unwanted = (name: string) => STALE.test(name) || (!gps && POSITION.test(name.replace(/^.*:/, '')))
  const kept: string[] = []
  const open: string[] = []
  // How many elements are open from the unwanted one on.
  let skipping = 0
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const token = TOKEN.exec(text)
    if (token === null) return undefined
    const [all, end, start, attributes = '', empty] = token
    if (start !== undefined) {
      const skipped = skipping > 0 || unwanted(start)
      if (!skipped) kept.push(`<${start}${withoutAttributes(attributes, unwanted)}${empty}>`)
      if (empty === '') {
        open.push(start)
        if (skipped) skipping++
      }
    } else if (end === undefined) {
      // A comment may say anything.
      if (skipping === 0 && (gps || !all.startsWith('<!--'))) kept.push(all)
    } else {
      if (open.pop() !== end) return undefined
      if (skipping === 0) kept.push(all)
      else skipping--
    }
  }
  return open.length === 0 ? kept.join('') : undefined
}

function withoutAttributes(attributes: string, unwanted: (name: string) => boolean): string {
  return attributes.replace(ATTRIBUTE, (all, name: string) => (unwanted(name) ? '' : all))
}

/** UTF-8, as all files but a few very old ones have it; a packet may end in zeros. */
function decode(xmp: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(xmp).replace(/\0+$/, '')
  } catch {
    return undefined
  }
}
