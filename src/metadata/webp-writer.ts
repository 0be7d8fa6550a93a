import { vp8lBytes, writeVp8l } from './vp8l.js'
import { MAX_WEBP_DURATION } from './webp-frames.js'

/** Largest side of a WebP, in pixels. */
export const MAX_WEBP_SIDE = 16_383

/** A WebP to write. Its pictures are as large as its canvas. */
export interface NewWebp {
  readonly width: number
  readonly height: number
  /** Number of times it plays; 0 is endless. */
  readonly loop: number
  /** Milliseconds of each frame. A single frame becomes a still. */
  readonly durations: readonly number[]
  /** Chunks that are written before the pictures: ICCP. */
  readonly before?: Uint8Array | undefined
  /** Bits of VP8X that announce these chunks. @default none */
  readonly flags?: number | undefined
}

/** Writes the pictures of a WebP, one after the other. */
export interface WebpWriter {
  /** Adds the next frame: RGBA, not premultiplied. */
  readonly add: (pixels: Uint8Array) => void
  /** Returns the file, when all frames were added. */
  readonly finish: () => Buffer
}

const ANIMATED = 0x02
const ALPHA = 0x10
/** Flag of a frame that replaces the canvas instead of blending with it. */
const DO_NOT_BLEND = 0x02
const CHUNK_HEADER_BYTES = 8
const VP8X_BYTES = 10
const ANIM_BYTES = 6
const FRAME_HEADER_BYTES = 16

/**
 * Creates a writer of uncompressed WebP, lossless and as fast as a copy of the pixels. It allocates the whole file at once.
 * (Google, WebP Container Specification)
 */
export function createWebpWriter(webp: NewWebp): WebpWriter {
  const { width, height, loop, durations, before = new Uint8Array(), flags = 0 } = webp
  const isAnimated = durations.length > 1
  const pictureBytes = vp8lBytes(width, height)
  const paddedBytes = CHUNK_HEADER_BYTES + pictureBytes + (pictureBytes % 2)
  const frameBytes = paddedBytes + (isAnimated ? CHUNK_HEADER_BYTES + FRAME_HEADER_BYTES : 0)
  const headBytes = 12 + CHUNK_HEADER_BYTES + VP8X_BYTES + before.length
  const animationBytes = isAnimated ? CHUNK_HEADER_BYTES + ANIM_BYTES : 0
  const file = Buffer.alloc(headBytes + animationBytes + durations.length * frameBytes)
  let at = 0
  const put = (bytes: Uint8Array) => {
    file.set(bytes, at)
    at += bytes.length
  }
  const begin = (type: string, length: number) => {
    file.write(type, at, 'latin1')
    file.writeUInt32LE(length, at + 4)
    at += CHUNK_HEADER_BYTES
  }
  begin('RIFF', file.length - CHUNK_HEADER_BYTES)
  put(Buffer.from('WEBP'))
  begin('VP8X', VP8X_BYTES)
  put(canvasHeader(webp, flags | ALPHA | (isAnimated ? ANIMATED : 0)))
  put(before)
  if (isAnimated) {
    begin('ANIM', ANIM_BYTES)
    // Behind the background colour, which stays transparent.
    file.writeUInt16LE(Math.min(loop, 65_535), at + 4)
    at += ANIM_BYTES
  }
  let index = 0
  return {
    add(pixels) {
      if (isAnimated) {
        begin('ANMF', FRAME_HEADER_BYTES + paddedBytes)
        put(frameHeader(webp, durations[index++] ?? 0))
      }
      begin('VP8L', pictureBytes)
      writeVp8l(file.subarray(at, at + pictureBytes), pixels, width, height)
      at += paddedBytes - CHUNK_HEADER_BYTES
    },
    finish: () => file,
  }
}

function canvasHeader({ width, height }: NewWebp, flags: number): Buffer {
  const header = Buffer.alloc(VP8X_BYTES)
  header[0] = flags
  header.writeUIntLE(width - 1, 4, 3)
  header.writeUIntLE(height - 1, 7, 3)
  return header
}

/** Returns the header of a frame that covers the canvas. */
function frameHeader({ width, height }: NewWebp, duration: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header.writeUIntLE(width - 1, 6, 3)
  header.writeUIntLE(height - 1, 9, 3)
  header.writeUIntLE(Math.min(duration, MAX_WEBP_DURATION), 12, 3)
  header[15] = DO_NOT_BLEND
  return header
}
