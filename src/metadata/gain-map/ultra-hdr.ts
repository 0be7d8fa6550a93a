import { insertSegments } from '../containers/jpeg.js'
import { addXmpToJpeg, makeXmpSegment, removeXmp } from '../xmp/jpeg-xmp.js'
import { NAMESPACE } from '../xmp/namespaces.js'
import { wrapXmp } from '../xmp/wrap-xmp.js'
import { addMpf } from './mpf.js'

/*
 * An Ultra HDR photo is a JPEG with a second JPEG appended, the gain map. XMP and a multi-picture segment of the first tell
 * where it is (Android's "Ultra HDR Image Format v1.1"; CIPA DC-007).
 */

/** Namespace of Adobe's gain maps. */
export const HDRGM = 'http://ns.adobe.com/hdr-gain-map/1.0/'
const CONTAINER = 'http://ns.google.com/photos/1.0/container/'

/** Metadata of the picture that has a gain map. */
export interface MainMetadata {
  /** XMP of the output; the JPEG may have it already. */
  readonly xmp?: string | undefined
  /** Segment with the version of ISO 21496-1. */
  readonly iso?: Buffer | undefined
}

/** A JPEG with a gain map. */
export interface UltraHdr {
  readonly file: Buffer<ArrayBuffer>
  /** False if the XMP has no place for the description of the map, and was left out. */
  readonly keepsXmp: boolean
}

/**
 * Appends a gain map to a finished JPEG: no segment may be added afterwards.
 *
 * @param map JPEG with the segments that tell how it is applied.
 */
export function appendGainMap(jpeg: Buffer, map: Buffer, { xmp, iso }: MainMetadata = {}): UltraHdr {
  const plain = removeXmp(jpeg)
  const description = describeMap(map.length)
  const described = xmp === undefined ? undefined : addXmpToJpeg(plain, xmp, description)
  const main = described ?? insertSegments(plain, [makeXmpSegment(wrapXmp(description))])
  const file = Buffer.concat([addMpf(main, map.length, iso === undefined ? [] : [iso]), map])
  return { file, keepsXmp: xmp === undefined || described !== undefined }
}

function describeMap(bytes: number): string {
  const items = ['Primary"', `GainMap" Item:Length="${bytes}"`].map(
    (item) =>
      `<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" Item:Semantic="${item}/></rdf:li>`,
  )
  const namespaces = `xmlns:rdf="${NAMESPACE.rdf}" xmlns:hdrgm="${HDRGM}" xmlns:Container="${CONTAINER}" xmlns:Item="${CONTAINER}item/"`
  const directory = `<Container:Directory><rdf:Seq>${items.join('')}</rdf:Seq></Container:Directory>`
  return `<rdf:Description ${namespaces} rdf:about="" hdrgm:Version="1.0">${directory}</rdf:Description>`
}
