import { decodeXmp } from '../xmp/filter-xmp.js'
import { makeXmpSegment, readMainXmp } from '../xmp/jpeg-xmp.js'
import { decodeEntities, scanXml } from '../xmp/scan-xml.js'
import { jpegSegments, makeSegment } from '../containers/jpeg.js'
import { wrapXmp } from '../xmp/wrap-xmp.js'
import { HDRGM } from './ultra-hdr.js'

/*
 * The JPEG of a gain map tells how it is applied in XMP (Adobe's namespace hdrgm), in a segment of ISO 21496-1, or in both.
 * Only these are copied: any other metadata of the map could be of a kind that is not kept.
 */

const APP2 = 0xe2
const ISO = Buffer.from('urn:iso:std:iso:ts:21496:-1\0')

/** Values by the names of their properties: one, or one for each colour channel. */
type Properties = ReadonlyMap<string, readonly string[]>

/** Numbers, `True` and `False`. */
const VALUE = /^[\w.+-]{1,50}$/

/** Returns the segments that tell how a gain map is applied; none if it does not tell. */
export function readGainSegments(map: Uint8Array): Buffer[] {
  const properties = readGainProperties(map)
  const iso = readIsoSegment(map)
  return [
    ...(properties.size === 0 ? [] : [makeXmpSegment(wrapXmp(describe(properties)))]),
    ...(iso === undefined ? [] : [iso]),
  ]
}

/** Returns the properties of Adobe's namespace that tell how a map is applied. */
export function readGainProperties(map: Uint8Array): Properties {
  const xmp = readMainXmp(map)
  return xmp === undefined ? new Map() : readProperties(decodeXmp(xmp) ?? '')
}

/** Returns the parameters of ISO 21496-1, without the name of their segment. */
export function readIsoParameters(map: Uint8Array): Buffer | undefined {
  for (const { marker, body } of jpegSegments(map))
    if (marker === APP2 && ISO.equals(body.subarray(0, ISO.length))) return body.subarray(ISO.length)
  return undefined
}

/** Returns the segment of ISO 21496-1: the parameters of a gain map, or in the picture that has one, their version. */
export function readIsoSegment(jpeg: Uint8Array): Buffer | undefined {
  const parameters = readIsoParameters(jpeg)
  return parameters && makeSegment(APP2, ISO, parameters)
}

function readProperties(text: string): Properties {
  const found = new Map<string, string[]>()
  let property: string[] | undefined
  let depth = 0
  for (const token of scanXml(text)) {
    if (token.type === 'start') {
      for (const { namespace, local, value } of token.attributes)
        if (namespace === HDRGM) found.set(local, [decodeEntities(value).trim()])
      if (token.isEmpty) continue
      if (property !== undefined) depth++
      else if (token.namespace === HDRGM) found.set(token.local, (property = []))
    } else if (token.type === 'end' && property !== undefined) {
      if (depth === 0) property = undefined
      else depth--
    } else if (token.type === 'text' && property !== undefined) {
      const value = text.slice(token.start, token.end).trim()
      if (value !== '') property.push(value)
    }
  }
  return new Map(
    [...found].filter(
      ([name, values]) => /^\w+$/.test(name) && values.length > 0 && values.every((v) => VALUE.test(v)),
    ),
  )
}

function describe(properties: Properties): string {
  const attributes: string[] = []
  const elements: string[] = []
  for (const [name, values] of properties) {
    const items = values.map((value) => `<rdf:li>${value}</rdf:li>`).join('')
    if (values.length === 1) attributes.push(` hdrgm:${name}="${values[0]}"`)
    else elements.push(`<hdrgm:${name}><rdf:Seq>${items}</rdf:Seq></hdrgm:${name}>`)
  }
  return `<rdf:Description rdf:about="" xmlns:hdrgm="${HDRGM}"${attributes.join('')}>${elements.join('')}</rdf:Description>`
}
