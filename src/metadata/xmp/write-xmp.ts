import { splitArtists, type Written } from '../written.js'
import { addDescription } from './extended-xmp.js'
import { trackLevels } from './levels.js'
import { NAMESPACE } from './namespaces.js'
import type { PropertyName } from './properties.js'
import { decodeEntities, scanXml, type XmlName } from './scan-xml.js'
import { wrapXmp } from './wrap-xmp.js'

/*
 * The properties that stand for a text are those that the Metadata Working Group maps to EXIF and IPTC (Guidelines 2.0,
 * chapter 5), and the IPTC Photo Metadata Standard 2023.1 for the alternative text. Of those in the namespace tiff, which repeat
 * EXIF, the resolution only is written: programs prefer those in dc.
 */

const PREFIX = {
  dc: NAMESPACE.dc,
  photoshop: NAMESPACE.photoshop,
  tiff: NAMESPACE.tiff,
  Iptc4xmpCore: NAMESPACE.iptcCore,
} as const

/** ResolutionUnit of pixels per inch. */
const INCH = 2

/** Properties that a value replaces. */
const REPLACED: Readonly<Record<keyof Written, readonly PropertyName[]>> = {
  artist: [
    [NAMESPACE.dc, 'creator'],
    [NAMESPACE.tiff, 'Artist'],
  ],
  copyright: [
    [NAMESPACE.dc, 'rights'],
    [NAMESPACE.tiff, 'Copyright'],
  ],
  description: [
    [NAMESPACE.dc, 'description'],
    [NAMESPACE.tiff, 'ImageDescription'],
  ],
  credit: [[NAMESPACE.photoshop, 'Credit']],
  altText: [[NAMESPACE.iptcCore, 'AltTextAccessibility']],
  density: [
    [NAMESPACE.tiff, 'XResolution'],
    [NAMESPACE.tiff, 'YResolution'],
    [NAMESPACE.tiff, 'ResolutionUnit'],
  ],
}

/** Returns a function that tells which properties the written values replace. */
export function createReplacedNames(written: Written): (name: XmlName) => boolean {
  const names = (Object.keys(REPLACED) as (keyof Written)[]).flatMap((key) =>
    written[key] === undefined ? [] : REPLACED[key],
  )
  return ({ namespace, local }) => names.some(([uri, name]) => uri === namespace && name === local)
}

/** Returns a packet, or a new one, with values whose names it does not hold. */
export function writeXmp(xmp: string | undefined, written: Written): string | undefined {
  const properties = describe(written)
  if (properties === '') return xmp
  const about = xmp === undefined ? '' : findSubject(xmp)
  const namespaces = Object.entries(PREFIX).filter(([prefix]) => properties.includes(`<${prefix}:`))
  const declared = namespaces.map(([prefix, uri]) => ` xmlns:${prefix}="${uri}"`).join('')
  const rdf = ` xmlns:rdf="${NAMESPACE.rdf}" rdf:about="${escapeXml(about)}"`
  const description = `<rdf:Description${rdf}${declared}>${properties}</rdf:Description>`
  return (xmp && addDescription(xmp, description)) || wrapXmp(description)
}

function describe({ artist, copyright, description, credit, altText, density }: Written): string {
  return [
    artist === undefined ? '' : `<dc:creator>${list('Seq', splitArtists(artist))}</dc:creator>`,
    text('dc:rights', copyright),
    text('dc:description', description),
    credit === undefined ? '' : `<photoshop:Credit>${escapeXml(credit)}</photoshop:Credit>`,
    text('Iptc4xmpCore:AltTextAccessibility', altText),
    density === undefined
      ? ''
      : `<tiff:XResolution>${density}/1</tiff:XResolution><tiff:YResolution>${density}/1</tiff:YResolution><tiff:ResolutionUnit>${INCH}</tiff:ResolutionUnit>`,
  ].join('')
}

/** Returns a property whose value is a text of no particular language. */
function text(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  return `<${name}><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(value)}</rdf:li></rdf:Alt></${name}>`
}

function list(type: 'Seq', values: readonly string[]): string {
  const items = values.map((value) => `<rdf:li>${escapeXml(value)}</rdf:li>`)
  return `<rdf:${type}>${items.join('')}</rdf:${type}>`
}

/** All descriptions of a packet have the same subject. (ISO 16684-1, section 7.4) */
function findSubject(xmp: string): string {
  const levels = trackLevels()
  for (const token of scanXml(xmp)) {
    if (token.type === 'end') levels.leave()
    if (token.type !== 'start' || levels.enter(token, token.isEmpty) !== 'description') continue
    const about = token.attributes.find(
      ({ namespace, local }) => namespace === NAMESPACE.rdf && local === 'about',
    )
    return decodeEntities(about?.value ?? '')
  }
  return ''
}

function escapeXml(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
