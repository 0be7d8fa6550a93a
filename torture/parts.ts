/** Start and end of a part of a file that can be repeated, removed or moved as a whole. */
export type Part = readonly [start: number, end: number]

/**
 * Returns the parts of a file: chunks of a PNG and of a RIFF file (WebP), segments and scans of a JPEG, blocks of a GIF,
 * boxes of an AVIF or HEIC, directory entries of a TIFF, entries of an icon, headers of a BMP, PNM or QOI, tags of an SVG. A file of
 * another format has none.
 */
export function partsOf(bytes: Buffer): readonly Part[] {
  const head = bytes.toString('latin1', 0, 12)
  if (head.startsWith('\x89PNG')) return pngChunks(bytes)
  if (head.startsWith('\xff\xd8')) return jpegSegments(bytes)
  if (head.startsWith('RIFF')) return riffChunks(bytes)
  if (head.startsWith('GIF8')) return gifBlocks(bytes)
  if (head.slice(4, 8) === 'ftyp') return boxes(bytes, 0, bytes.length)
  if (/^(?:II|MM)/.test(head)) return tiffEntries(bytes)
  if (head.startsWith('\0\0\x01\0') || head.startsWith('\0\0\x02\0')) return iconEntries(bytes)
  // Behind the file header is another; the colours and pixels follow.
  if (head.startsWith('BM')) return fixedParts(bytes, [14, 54, 122, bytes.length - 16])
  if (head.startsWith('qoif')) return fixedParts(bytes, [4, 12, 14, bytes.length - 8])
  if (/^P[1-7]\s/.test(head)) return lines(bytes)
  return [...bytes.toString('latin1').matchAll(/<[^>]*>/g)].map(({ index, 0: tag }): Part => [
    index,
    index + tag.length,
  ])
}

function pngChunks(bytes: Buffer): readonly Part[] {
  const parts: Part[] = []
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at)
    if (end > bytes.length) break
    parts.push([at, end])
    at = end
  }
  return parts
}

function riffChunks(bytes: Buffer): readonly Part[] {
  const parts: Part[] = []
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32LE(at + 4)
    const end = at + 8 + size + (size % 2)
    if (end > bytes.length) break
    parts.push([at, end])
    at = end
  }
  return parts
}

/** Returns the segments up to the first scan, and each scan with the segments between scans. */
function jpegSegments(bytes: Buffer): readonly Part[] {
  const parts: Part[] = []
  let at = 2
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!
    if (marker === 0xd9) break
    let end = at + 2 + bytes.readUInt16BE(at + 2)
    if (marker === 0xda) {
      // In a scan, 0xFF is followed by 0 or by a restart marker.
      while (
        end + 1 < bytes.length &&
        (bytes[end] !== 0xff || bytes[end + 1] === 0 || isRestart(bytes[end + 1]!))
      )
        end++
    }
    if (end > bytes.length) break
    parts.push([at, end])
    at = end
  }
  return parts
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7
}

function gifBlocks(bytes: Buffer): readonly Part[] {
  const flags = bytes[10]!
  const parts: Part[] = []
  let at = 13 + (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0)
  while (at < bytes.length && bytes[at] !== 0x3b) {
    const start = at
    if (bytes[at] === 0x2c) {
      const local = bytes[at + 9] ?? 0
      at += 10 + (local & 0x80 ? 3 << ((local & 7) + 1) : 0) + 1
    } else {
      at += 2
    }
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1
    at++
    if (at > bytes.length) break
    parts.push([start, at])
  }
  return parts
}

/** Bytes between a box's header and its children, for boxes that hold boxes. */
const CONTAINERS: Readonly<Record<string, number>> = {
  meta: 4,
  iprp: 0,
  ipco: 0,
  moov: 0,
  trak: 0,
  mdia: 0,
  minf: 0,
  stbl: 0,
}

function boxes(bytes: Buffer, from: number, to: number): readonly Part[] {
  const parts: Part[] = []
  for (let at = from; at + 8 <= to;) {
    const size = bytes.readUInt32BE(at)
    const end = size === 0 ? to : at + size
    if (end > to || end < at + 8) break
    parts.push([at, end])
    const skipped = CONTAINERS[bytes.toString('latin1', at + 4, at + 8)]
    if (skipped !== undefined) parts.push(...boxes(bytes, at + 8 + skipped, end))
    at = end
  }
  return parts
}

/** Returns the header, the entries, and the pictures together. */
function iconEntries(bytes: Buffer): readonly Part[] {
  if (bytes.length < 6) return []
  return fixedParts(bytes, [
    6,
    ...Array.from({ length: bytes.readUInt16LE(4) }, (_, index) => 22 + 16 * index),
  ])
}

/** Returns the parts between positions, as far as the file has them. */
function fixedParts(bytes: Buffer, positions: readonly number[]): readonly Part[] {
  const inside = positions.filter((at) => at > 0 && at < bytes.length).toSorted((a, b) => a - b)
  const ends = [...inside, bytes.length]
  return ends.map((end, index): Part => [ends[index - 1] ?? 0, end])
}

/** Returns the lines of the first bytes, and the rest. */
function lines(bytes: Buffer): readonly Part[] {
  const head = bytes.toString('latin1', 0, 256)
  return fixedParts(
    bytes,
    [...head.matchAll(/\n/g)].map(({ index }) => index + 1),
  )
}

function tiffEntries(bytes: Buffer): readonly Part[] {
  if (bytes.length < 8) return []
  const little = bytes.toString('latin1', 0, 2) === 'II'
  const at = little ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4)
  if (at + 2 > bytes.length) return []
  const count = little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)
  const entries = Array.from({ length: count }, (_, index): Part => [
    at + 2 + index * 12,
    at + 14 + index * 12,
  ])
  return entries.filter(([, end]) => end <= bytes.length)
}
