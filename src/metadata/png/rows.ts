import { crc32 } from 'node:zlib'

/** Rows of a PNG of 8 bits a channel: each behind the number of its filter, in one zlib stream. */
export interface PngRows {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  /** The stream, in parts. */
  readonly parts: readonly Uint8Array[]
  /** Density that the file gives; undefined if it gives none. */
  readonly pixelsPerMetre: number | undefined
}

/** Channels of the colour types with 8 bits a channel and no palette. (PNG, third edition, section 11.2.1) */
const CHANNELS = new Map([
  [2, 3],
  [6, 4],
] as const)

/**
 * Returns the rows of a PNG in RGB or RGBA of 8 bits. Returns undefined for any other file: if it is interlaced, has a transparent
 * colour, a chunk that has to be understood and is not known, a wrong checksum of such a chunk, or no end.
 */
export function readPngRows(png: Uint8Array): PngRows | undefined {
  const file = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  const header =
    file.length > 33 && file.toString('latin1', 12, 16) === 'IHDR' ? file.subarray(16, 29) : undefined
  const channels = header && CHANNELS.get(header[9] as 2 | 6)
  // 8 bits, and the only compression, kind of filters, and order of rows.
  if (header === undefined || channels === undefined || header.toString('hex', 8, 9) !== '08')
    return undefined
  if (header[10] !== 0 || header[11] !== 0 || header[12] !== 0) return undefined
  const parts: Buffer[] = []
  let pixelsPerMetre: number | undefined
  let isPastData = false
  for (let at = 8; at + 12 <= file.length;) {
    const end = at + 12 + file.readUInt32BE(at)
    if (end > file.length) return undefined
    const type = file.toString('latin1', at + 4, at + 8)
    const isCritical = (file[at + 4]! & 0x20) === 0
    if (isCritical && crc32(file.subarray(at + 4, end - 4)) !== file.readUInt32BE(end - 4)) return undefined
    if (type === 'IEND') {
      const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
      return parts.length > 0 ? { width, height, channels, parts, pixelsPerMetre } : undefined
    }
    if (type === 'IDAT') {
      if (isPastData) return undefined
      parts.push(file.subarray(at + 8, end - 4))
    } else if (type === 'tRNS' || (isCritical && type !== 'PLTE' && (type !== 'IHDR' || at !== 8)))
      return undefined
    else isPastData = parts.length > 0
    if (type === 'pHYs') {
      const isSecond = pixelsPerMetre !== undefined
      pixelsPerMetre = readDensity(file.subarray(at + 8, end - 4))
      if (pixelsPerMetre === undefined || isSecond) return undefined
    }
    at = end
  }
  return undefined
}

/** Reads pHYs; returns undefined unless both densities are equal and in the unit metre. (PNG, third edition, section 11.3.4.3) */
function readDensity(data: Buffer): number | undefined {
  if (data.length !== 9 || data[8] !== 1) return undefined
  const across = data.readUInt32BE(0)
  return across > 0 && across === data.readUInt32BE(4) ? across : undefined
}
