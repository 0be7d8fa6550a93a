import { createHash } from 'node:crypto'
import { insertSegments, jpegSegments, makeApp1 } from '../containers/jpeg.js'
import { joinPackets, splitPacket } from './extended-xmp.js'

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

/** Returns a JPEG with XMP in as many segments as it needs; undefined if one property is too long to be split off. */
export function addXmpToJpeg(jpeg: Buffer, xmp: string): Buffer<ArrayBuffer> | undefined {
  if (Buffer.byteLength(xmp) <= MAX_MAIN_BYTES)
    return insertSegments(jpeg, [makeApp1(MAIN, Buffer.from(xmp))])
  const split = splitPacket(xmp, MAX_MAIN_BYTES, (extension) =>
    createHash('md5').update(extension).digest('hex').toUpperCase(),
  )
  if (split === undefined) return undefined
  const extension = Buffer.from(split.extension)
  const segments = [makeApp1(MAIN, Buffer.from(split.main))]
  for (let at = 0; at < extension.length; at += MAX_PART_BYTES) {
    const head = Buffer.alloc(HEAD_BYTES)
    head.write(split.guid, 'latin1')
    head.writeUInt32BE(extension.length, GUID_BYTES)
    head.writeUInt32BE(at, GUID_BYTES + 4)
    segments.push(makeApp1(EXTENSION, head, extension.subarray(at, at + MAX_PART_BYTES)))
  }
  return insertSegments(jpeg, segments)
}

/** Returns true if a JPEG has XMP. */
export function hasXmp(jpeg: Buffer): boolean {
  for (const { marker, body } of jpegSegments(jpeg))
    if (marker === APP1 && startsWith(body, MAIN)) return true
  return false
}
