import sharp from 'sharp'
import { insertSegments, makeSegment } from '../../src/metadata/containers/jpeg.js'
import { appendGainMap, HDRGM, type MainMetadata } from '../../src/metadata/gain-map/ultra-hdr.js'
import { wrapXmp } from '../../src/metadata/xmp/wrap-xmp.js'
import { makeXmpSegment } from '../../src/metadata/xmp/jpeg-xmp.js'

/** Attributes that libultrahdr needs. */
export const GAINS =
  'hdrgm:GainMapMin="0" hdrgm:GainMapMax="2" hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="2"'

/** Appends a gain map to a JPEG, with the metadata for both, as phones do. */
export function makeUltraHdr(base: Buffer, gains: Buffer, metadata?: MainMetadata): Buffer {
  return appendGainMap(base, insertSegments(gains, [makeGainXmp(GAINS)]), metadata).file
}

/** Creates the XMP segment of a gain map. */
export function makeGainXmp(attributes: string, elements = ''): Buffer {
  const namespace = `xmlns:hdrgm="${HDRGM}" hdrgm:Version="1.0"`
  return makeXmpSegment(wrapXmp(`<rdf:Description ${namespace} ${attributes}>${elements}</rdf:Description>`))
}

/** Creates a black JPEG with a coloured upper left quarter. */
export async function makeCorner(width: number, height: number, colour = 'white'): Promise<Buffer> {
  const size = { width: Math.floor(width / 2), height: Math.floor(height / 2) }
  const corner = await sharp({ create: { ...size, channels: 3, background: colour } })
    .png()
    .toBuffer()
  return sharp({ create: { width, height, channels: 3, background: 'black' } })
    .composite([{ input: corner, left: 0, top: 0 }])
    .jpeg({ quality: 95 })
    .toBuffer()
}

/** Inserts a segment at the start of a JPEG. */
export function insert(jpeg: Buffer, part: Buffer): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), part, jpeg.subarray(2)])
}

/** Creates a segment of ISO 21496-1. */
export function makeIso(body: Buffer): Buffer {
  return makeSegment(0xe2, Buffer.from('urn:iso:std:iso:ts:21496:-1\0'), body)
}
