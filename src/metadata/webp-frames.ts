/*
 * An animated WebP is a RIFF file of chunks: VP8X with flags and the size of the canvas, ANIM with the loop count, and an
 * ANMF for each frame. Chunks are padded to even lengths. (Google, WebP Container Specification)
 */
const RIFF_HEADER_BYTES = 12
const CHUNK_HEADER_BYTES = 8
/** Position, size, duration and flags of a frame, before the chunks of its picture. */
const FRAME_HEADER_BYTES = 16
const VP8X_BYTES = 10
const ANIM_BYTES = 6

/** Greatest duration of a frame: 24 bits. */
export const MAX_WEBP_DURATION = 2 ** 24 - 1

/** A frame of an animated WebP as stored. */
export interface WebpFrame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Milliseconds. */
  readonly duration: number
  /** True if it is blended over the canvas; false if it replaces its area. */
  readonly blends: boolean
  /** True if its area becomes transparent after it was shown. */
  readonly isDisposed: boolean
  /** True if its picture has an alpha channel. */
  readonly hasAlpha: boolean
  /** Positions of the chunks of its picture. */
  readonly start: number
  readonly end: number
  /** Position of the duration. */
  readonly durationAt: number
}

/** The structure of an animated WebP. */
export interface WebpAnimation {
  readonly width: number
  readonly height: number
  /** Position of the loop count. */
  readonly loopAt: number
  readonly frames: readonly WebpFrame[]
}

/** A chunk of a RIFF file. Its data lie from `start` to `end`. */
interface Chunk {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** Reads the structure of an animated WebP. Returns undefined for a still, another file, or a damaged one. */
export function readWebpAnimation(bytes: Uint8Array): WebpAnimation | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WEBP') return undefined
  const chunks = readChunks(file, RIFF_HEADER_BYTES, file.length)
  const header = chunks?.find(({ type }) => type === 'VP8X')
  const animation = chunks?.find(({ type }) => type === 'ANIM')
  if (chunks === undefined || header === undefined || animation === undefined) return undefined
  if (header.end - header.start < VP8X_BYTES || animation.end - animation.start < ANIM_BYTES) return undefined
  const frames = chunks.filter(({ type }) => type === 'ANMF').map((chunk) => readFrame(file, chunk))
  if (!frames.every((frame) => frame !== undefined)) return undefined
  return {
    width: 1 + file.readUIntLE(header.start + 4, 3),
    height: 1 + file.readUIntLE(header.start + 7, 3),
    // Behind the background colour, which browsers ignore.
    loopAt: animation.start + 4,
    frames,
  }
}

function readFrame(file: Buffer, { start, end }: Chunk): WebpFrame | undefined {
  if (end - start < FRAME_HEADER_BYTES) return undefined
  const pictures = readChunks(file, start + FRAME_HEADER_BYTES, end)
  if (pictures === undefined) return undefined
  const flags = file[start + 15]!
  return {
    left: 2 * file.readUIntLE(start, 3),
    top: 2 * file.readUIntLE(start + 3, 3),
    width: 1 + file.readUIntLE(start + 6, 3),
    height: 1 + file.readUIntLE(start + 9, 3),
    duration: file.readUIntLE(start + 12, 3),
    blends: (flags & 2) === 0,
    isDisposed: (flags & 1) === 1,
    hasAlpha: pictures.some((chunk) => hasAlpha(file, chunk)),
    start: start + FRAME_HEADER_BYTES,
    end,
    durationAt: start + 12,
  }
}

/** Returns true for an alpha channel, or a lossless picture that says it has one (its 29th bit after the signature). */
function hasAlpha(file: Buffer, { type, start, end }: Chunk): boolean {
  return type === 'ALPH' || (type === 'VP8L' && end - start > 4 && (file[start + 4]! & 0x10) !== 0)
}

/** Returns the chunks in a range of a file; undefined if one is cut off. */
function readChunks(file: Buffer, from: number, to: number): Chunk[] | undefined {
  const chunks: Chunk[] = []
  for (let at = from; at + CHUNK_HEADER_BYTES <= to;) {
    const start = at + CHUNK_HEADER_BYTES
    const end = start + file.readUInt32LE(at + 4)
    if (end > to) return undefined
    chunks.push({ type: file.toString('latin1', at, at + 4), start, end })
    at = end + (end % 2)
  }
  return chunks
}

/** Returns one frame as a WebP file of its own. */
export function webpOfFrame(
  bytes: Uint8Array,
  { start, end, width, height, hasAlpha: alpha }: WebpFrame,
): Buffer {
  const picture = bytes.subarray(start, end)
  const header = Buffer.alloc(RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES + VP8X_BYTES)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(header.length - CHUNK_HEADER_BYTES + picture.length, 4)
  header.write('WEBPVP8X', 8, 'latin1')
  header.writeUInt32LE(VP8X_BYTES, 16)
  header[20] = alpha ? 0x10 : 0
  header.writeUIntLE(width - 1, 24, 3)
  header.writeUIntLE(height - 1, 27, 3)
  return Buffer.concat([header, picture])
}
