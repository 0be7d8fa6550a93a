/** `RIFF`, the size of the rest, `WEBP`. */
const HEADER_BYTES = 12
/** Type and size of a chunk. */
const CHUNK_HEAD_BYTES = 8
const FLAG = { icc: 0b10_0000, alpha: 0b1_0000, exif: 0b1000 }

/** Size and alpha of a WebP, for a header that it lacks. */
export interface WebpCanvas {
  readonly width: number
  readonly height: number
  readonly hasAlpha: boolean
}

/**
 * Returns a WebP with EXIF before its XMP, as the format requires. A simple file becomes an extended one (RFC 9649, sections
 * 2.5 to 2.7).
 */
export function addExifToWebp(
  webp: Buffer<ArrayBuffer>,
  exif: Uint8Array,
  canvas: WebpCanvas,
): Buffer<ArrayBuffer> {
  const isExtended = webp.toString('latin1', 12, 16) === 'VP8X'
  const chunks = isExtended
    ? webp.subarray(HEADER_BYTES)
    : Buffer.concat([makeHeader(canvas), webp.subarray(HEADER_BYTES)])
  const at = findChunk(chunks, 'XMP ')
  const file = Buffer.concat([
    webp.subarray(0, HEADER_BYTES),
    chunks.subarray(0, at),
    makeChunk('EXIF', exif),
    chunks.subarray(at),
  ])
  file[HEADER_BYTES + CHUNK_HEAD_BYTES]! |= FLAG.exif
  file.writeUInt32LE(file.length - CHUNK_HEAD_BYTES, 4)
  return file
}

function makeHeader({ width, height, hasAlpha }: WebpCanvas): Buffer {
  const header = Buffer.alloc(10)
  header[0] = hasAlpha ? FLAG.alpha : 0
  header.writeUIntLE(width - 1, 4, 3)
  header.writeUIntLE(height - 1, 7, 3)
  return makeChunk('VP8X', header)
}

/** Returns the EXIF of a WebP. */
export function readWebpExif(file: Uint8Array): Buffer | undefined {
  const webp = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (webp.toString('latin1', 8, HEADER_BYTES) !== 'WEBP') return undefined
  const chunks = webp.subarray(HEADER_BYTES)
  const at = findChunk(chunks, 'EXIF')
  const start = at + CHUNK_HEAD_BYTES
  return start > chunks.length ? undefined : chunks.subarray(start, start + chunks.readUInt32LE(at + 4))
}

/** Returns true if a WebP has a chunk of a type. */
export function hasWebpChunk(webp: Buffer, type: string): boolean {
  if (webp.toString('latin1', 8, HEADER_BYTES) !== 'WEBP') return false
  const chunks = webp.subarray(HEADER_BYTES)
  return findChunk(chunks, type) < chunks.length
}

/** Renames the ICC profile of a WebP, in place, so that readers skip it. */
export function hideWebpProfile(webp: Buffer): void {
  const chunks = webp.subarray(HEADER_BYTES)
  const at = findChunk(chunks, 'ICCP')
  if (at === chunks.length) return
  chunks.write('none', at, 'latin1')
  chunks[CHUNK_HEAD_BYTES]! &= ~FLAG.icc
}

/** Returns the position of the first chunk of a type, or the end. */
function findChunk(chunks: Buffer, type: string): number {
  for (let at = 0; at + CHUNK_HEAD_BYTES <= chunks.length;) {
    if (chunks.toString('latin1', at, at + 4) === type) return at
    const size = chunks.readUInt32LE(at + 4)
    at += CHUNK_HEAD_BYTES + size + (size % 2)
  }
  return chunks.length
}

/** Chunks begin at even positions. */
function makeChunk(type: string, data: Uint8Array): Buffer {
  const head = Buffer.alloc(CHUNK_HEAD_BYTES)
  head.write(type, 'latin1')
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}
