import { crc32, deflateSync } from 'node:zlib'

/** A frame to write. */
export interface ApngFrame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** RGBA. */
  readonly pixels: Uint8Array
  /** Numerator and denominator of the delay in seconds. */
  readonly delay: readonly [number, number]
  /** 0: keep, 1: background, 2: previous. */
  readonly dispose: 0 | 1 | 2
  /** 0: source, 1: over. */
  readonly blend: 0 | 1
}

/** An APNG to write. */
export interface ApngFile {
  readonly width: number
  readonly height: number
  /** Number of times it plays; 0 is endless. */
  readonly plays: number
  readonly frames: readonly ApngFrame[]
  /** RGBA of a default picture that is no part of the animation. @default the first frame */
  readonly poster?: Uint8Array | undefined
  /** Parts that the data of each frame are cut into. @default 1 */
  readonly parts?: number
  /** Chunks before the pixels. */
  readonly chunks?: readonly (readonly [type: string, data: Buffer])[]
  /** Bits of a channel. @default 8 */
  readonly depth?: 8 | 16
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
const RGBA = 6

/** Writes an APNG of RGBA. (PNG, third edition, section 11.3.6) */
export function writeApng(apng: ApngFile): Buffer {
  const { width, height, plays, frames, poster, parts = 1, chunks = [], depth = 8 } = apng
  let sequence = 0
  const body: Buffer[] = []
  if (poster !== undefined) body.push(...dataChunks(compress(poster, width, depth), parts, undefined))
  for (const [index, frame] of frames.entries()) {
    body.push(writeChunk('fcTL', control(frame, sequence++)))
    const data = compress(frame.pixels, frame.width, depth)
    const isDefault = index === 0 && poster === undefined
    body.push(...dataChunks(data, parts, isDefault ? undefined : () => sequence++))
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([depth, RGBA], 8)
  const animation = Buffer.alloc(8)
  animation.writeUInt32BE(frames.length)
  animation.writeUInt32BE(plays, 4)
  return Buffer.concat([
    SIGNATURE,
    writeChunk('IHDR', header),
    ...chunks.map(([type, data]) => writeChunk(type, data)),
    writeChunk('acTL', animation),
    ...body,
    writeChunk('IEND', Buffer.alloc(0)),
  ])
}

function control(frame: ApngFrame, sequence: number): Buffer {
  const data = Buffer.alloc(26)
  const { width, height, left, top, delay, dispose, blend } = frame
  for (const [at, value] of [sequence, width, height, left, top].entries()) data.writeUInt32BE(value, 4 * at)
  data.writeUInt16BE(delay[0], 20)
  data.writeUInt16BE(delay[1], 22)
  data.set([dispose, blend], 24)
  return data
}

function compress(rgba: Uint8Array, width: number, depth: 8 | 16): Buffer {
  const stride = width * 4
  const rows = Array.from({ length: rgba.length / stride }, (_, y) => {
    const row = rgba.subarray(y * stride, (y + 1) * stride)
    return Buffer.concat([
      Buffer.of(0),
      depth === 8 ? row : Buffer.from([...row].flatMap((value) => [value, value])),
    ])
  })
  return deflateSync(Buffer.concat(rows))
}

function dataChunks(data: Buffer, parts: number, next: (() => number) | undefined): Buffer[] {
  const size = Math.ceil(data.length / parts)
  return Array.from({ length: Math.ceil(data.length / size) }, (_, index) => {
    const part = data.subarray(index * size, (index + 1) * size)
    if (next === undefined) return writeChunk('IDAT', part)
    const number = Buffer.alloc(4)
    number.writeUInt32BE(next())
    return writeChunk('fdAT', Buffer.concat([number, part]))
  })
}

function writeChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
