import { createHash } from 'node:crypto'
import { insertSegments, jpegSegments, makeApp1 } from '../containers/jpeg.js'
import { addDescription, joinPackets, splitPacket } from './extended-xmp.js'

/*
 * A JPEG holds XMP in one APP1 segment. The rest of a longer packet, the extended XMP, is in others: the GUID that the main
 * packet names, the length of the whole rest, an offset, and a part of it (XMP Specification Part 3, section 1.1.3.1).
 */

const APP1 = 0xe1
const MAIN = Buffer.from('http://ns.adobe.com/xap/1.0/\0')
const EXTENSION = Buffer.from('http://ns.adobe.com/xmp/extension/\0')
const GUID_BYTES = 32
/** GUID, length and offset. */
const HEAD_BYTES = GUID_BYTES + 8
/** The property xmpNote:HasExtendedXMP, as an attribute or an element. */
const POINTER = /HasExtendedXMP\s{0,9}(?:=\s{0,9}["']|>\s{0,9})([\dA-Fa-f]{32})/
/** Bytes of a segment behind its length. */
const MAX_BODY_BYTES = 65_533
const MAX_MAIN_BYTES = MAX_BODY_BYTES - MAIN.length
const MAX_PART_BYTES = 65_400

/**
 * Returns the XMP of a JPEG with the properties of its extension, as one packet. If parts of the extension are missing, or it
 * can't be parsed, returns the main packet, which still names the extension. Returns undefined if there is no extension.
 */
export function readWholeXmp(jpeg: Uint8Array): Buffer | undefined {
  let main: Buffer | undefined
  const parts = new Map<string, Buffer[]>()
  for (const { marker, body } of jpegSegments(jpeg)) {
    if (marker !== APP1) continue
    if (main === undefined && startsWith(body, MAIN)) main = body.subarray(MAIN.length)
    if (!startsWith(body, EXTENSION) || body.length < EXTENSION.length + HEAD_BYTES) continue
    const part = body.subarray(EXTENSION.length)
    const guid = part.toString('latin1', 0, GUID_BYTES)
    const known = parts.get(guid) ?? []
    known.push(part.subarray(GUID_BYTES))
    parts.set(guid, known)
  }
  if (main === undefined || parts.size === 0) return undefined
  // Readers ignore extensions that the main packet does not name.
  const named = POINTER.exec(main.toString('latin1'))?.[1]
  const found = named === undefined ? undefined : parts.get(named)
  const extension = found && assemble(found)
  return (extension && joinPackets(main, extension)) ?? main
}

function startsWith(body: Buffer, name: Buffer): boolean {
  return name.equals(body.subarray(0, name.length))
}

/** Joins parts in the order of their offsets. Returns undefined if some are missing. */
function assemble(parts: readonly Buffer[]): Buffer | undefined {
  const length = parts[0]!.readUInt32BE(0)
  const joined: Buffer[] = []
  let end = 0
  for (const part of parts.toSorted((a, b) => a.readUInt32BE(4) - b.readUInt32BE(4))) {
    if (part.readUInt32BE(4) !== end) return undefined
    joined.push(part.subarray(8))
    end += part.length - 8
  }
  return end === length ? Buffer.concat(joined) : undefined
}

/**
 * Returns a JPEG with XMP in as many segments as it needs; undefined if one property is too long to be split off, or if it has
 * no place for the description.
 *
 * @param description rdf:Description to add to the first segment. @default none
 */
export function addXmpToJpeg(jpeg: Buffer, xmp: string, description = ''): Buffer<ArrayBuffer> | undefined {
  const maxBytes = MAX_MAIN_BYTES - Buffer.byteLength(description)
  const packet =
    Buffer.byteLength(xmp) <= maxBytes
      ? { main: xmp, extension: '', guid: '' }
      : splitPacket(xmp, maxBytes, (text) => createHash('md5').update(text).digest('hex').toUpperCase())
  const main = description === '' ? packet?.main : packet && addDescription(packet.main, description)
  if (packet === undefined || main === undefined) return undefined
  const extension = Buffer.from(packet.extension)
  const segments = [makeXmpSegment(main)]
  for (let at = 0; at < extension.length; at += MAX_PART_BYTES) {
    const head = Buffer.alloc(HEAD_BYTES)
    head.write(packet.guid, 'latin1')
    head.writeUInt32BE(extension.length, GUID_BYTES)
    head.writeUInt32BE(at, GUID_BYTES + 4)
    segments.push(makeApp1(EXTENSION, head, extension.subarray(at, at + MAX_PART_BYTES)))
  }
  return insertSegments(jpeg, segments)
}

/** Returns a segment with a whole packet, which fits. */
export function makeXmpSegment(xmp: string): Buffer {
  return makeApp1(MAIN, Buffer.from(xmp))
}

/** Returns a JPEG without XMP. */
export function removeXmp(jpeg: Buffer): Buffer {
  const kept: Buffer[] = []
  let from = 0
  for (const { marker, start, body, end } of jpegSegments(jpeg)) {
    if (marker !== APP1 || (!startsWith(body, MAIN) && !startsWith(body, EXTENSION))) continue
    kept.push(jpeg.subarray(from, start))
    from = end
  }
  return Buffer.concat([...kept, jpeg.subarray(from)])
}

/** Returns the main packet of a JPEG. */
export function readMainXmp(jpeg: Uint8Array): Buffer | undefined {
  for (const { marker, body } of jpegSegments(jpeg))
    if (marker === APP1 && startsWith(body, MAIN)) return body.subarray(MAIN.length)
  return undefined
}
