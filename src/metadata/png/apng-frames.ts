import { crc32 } from 'node:zlib'
import { makeChunk } from './chunks.js'

/*
 * An APNG is a PNG with an acTL chunk before its pixels, and an fcTL before the data of each frame. The data of the first
 * frame may be the default picture, IDAT; others are fdAT, which begin with a sequence number. (PNG, third edition, 2025,
 * sections 4.9 and 11.3.6)
 */
const SIGNATURE = '\x89PNG\r\n\x1a\n'
const SIGNATURE_BYTES = 8
const CONTROL_BYTES = 26
/** Hundredths of a second count if the denominator is 0. */
const DEFAULT_DENOMINATOR = 100

/** A frame of an APNG as stored. */
export interface ApngFrame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Milliseconds. */
  readonly delay: number
  readonly disposal: 'keep' | 'background' | 'previous'
  /** True if it is blended over the canvas; false if it replaces its area. */
  readonly blends: boolean
  /** True if its data are those of the default picture. */
  readonly isDefault: boolean
  /** Ranges of the file that hold its compressed data. */
  readonly data: readonly (readonly [start: number, end: number])[]
}

/** The structure of an APNG. */
export interface Apng {
  readonly width: number
  readonly height: number
  /** Number of times it plays; 0 is endless. */
  readonly plays: number
  /** The frames up to the first fault. */
  readonly frames: readonly ApngFrame[]
  /** The first fault, if there is one. */
  readonly fault: string | undefined
}

interface Chunk {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** Reads the structure of an animated PNG. Returns undefined for another file, and for a PNG without animation. */
export function readApng(bytes: Uint8Array): Apng | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < 33 || file.toString('latin1', 0, 8) !== SIGNATURE) return undefined
  if (file.toString('latin1', 12, 16) !== 'IHDR') return undefined
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)]
  const chunks = readChunks(file)
  const control = chunks.find(({ type }) => type === 'acTL' || type === 'IDAT')
  if (control?.type !== 'acTL' || control.end - control.start !== 8) return undefined
  const count = file.readUInt32BE(control.start)
  // No animation has no frames: browsers show the default picture.
  if (count === 0) return undefined
  const { frames, fault } = readFrames(file, chunks, { width, height })
  const missing = frames.length < count ? `it has ${frames.length} of ${count} frames` : undefined
  return {
    width,
    height,
    plays: file.readUInt32BE(control.start + 4),
    frames: frames.slice(0, count),
    fault: fault ?? missing,
  }
}

/** Returns true if a chunk of an APNG fails its checksum. Those of the default picture are left to its decoder. */
export function hasWrongChecksum(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return readChunks(file).some(
    ({ type, start, end }) =>
      /^(?:acTL|fcTL|fdAT)$/.test(type) && crc32(file.subarray(start - 4, end)) !== file.readUInt32BE(end),
  )
}

/** Returns the whole chunks, and the last one if it is cut off. */
function readChunks(file: Buffer): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = SIGNATURE_BYTES; at + 12 <= file.length;) {
    const end = at + 8 + file.readUInt32BE(at)
    if (end + 4 > file.length) break
    const type = file.toString('latin1', at + 4, at + 8)
    chunks.push({ type, start: at + 8, end })
    if (type === 'IEND') break
    at = end + 4
  }
  return chunks
}

type Canvas = Pick<Apng, 'width' | 'height'>
type Frame = Omit<ApngFrame, 'data'> & { readonly data: [number, number][] }

/** Reads the frames up to the first fault. A frame without data counts only if it is not the last: that one was cut off. */
function readFrames(file: Buffer, chunks: readonly Chunk[], canvas: Canvas): Pick<Apng, 'frames' | 'fault'> {
  const frames: Frame[] = []
  let sequence = 0
  let hasDefault = false
  const sound = () => frames.filter(({ data }) => data.length > 0)
  const fail = (fault: string) => ({ frames: sound(), fault })
  for (const { type, start, end } of chunks) {
    const last = frames.at(-1)
    if (type === 'IDAT') {
      hasDefault = true
      // Without a frame before it, the default picture is no part of the animation.
      if (last?.isDefault === true) last.data.push([start, end])
    } else if (type === 'fcTL') {
      if (last?.data.length === 0) return fail(`its frame ${frames.length - 1} has no data`)
      const frame = readControl(file, { start, end }, !hasDefault)
      if (frame === undefined || !fits(frame, canvas, !hasDefault))
        return fail(`its frame ${frames.length} lies outside of the picture`)
      if (file.readUInt32BE(start) !== sequence++) return fail('its frames are out of order')
      frames.push(frame)
    } else if (type === 'fdAT') {
      if (last === undefined || last.isDefault || end - start < 4) return fail('a frame has no header')
      if (file.readUInt32BE(start) !== sequence++) return fail('its frames are out of order')
      last.data.push([start + 4, end])
    }
  }
  return { frames: sound(), fault: undefined }
}

const DISPOSALS = ['keep', 'background', 'previous'] as const

function readControl(
  file: Buffer,
  { start, end }: Omit<Chunk, 'type'>,
  isDefault: boolean,
): Frame | undefined {
  if (end - start !== CONTROL_BYTES) return undefined
  const number = (at: number) => file.readUInt32BE(start + at)
  const disposal = DISPOSALS[file[start + 24]!]
  const blend = file[start + 25]!
  if (disposal === undefined || blend > 1) return undefined
  const denominator = file.readUInt16BE(start + 22) || DEFAULT_DENOMINATOR
  return {
    width: number(4),
    height: number(8),
    left: number(12),
    top: number(16),
    delay: Math.round((file.readUInt16BE(start + 20) * 1000) / denominator),
    disposal,
    blends: blend === 1,
    isDefault,
    data: [],
  }
}

/** Returns true for a frame inside of the picture. The default picture has to cover it. */
function fits({ left, top, width, height }: Frame, canvas: Canvas, isDefault: boolean): boolean {
  if (width === 0 || height === 0) return false
  if (isDefault) return left === 0 && top === 0 && width === canvas.width && height === canvas.height
  return left + width <= canvas.width && top + height <= canvas.height
}

/** Chunks of the animation. */
const ANIMATION: ReadonlySet<string> = new Set(['acTL', 'fcTL', 'fdAT'])

/** Returns one frame as a PNG of its own, with all chunks of the file that are not about the animation. */
export function pngOfFrame(bytes: Uint8Array, { width, height, isDefault, data }: ApngFrame): Buffer {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Buffer[] = [file.subarray(0, SIGNATURE_BYTES)]
  let isWritten = false
  for (const { type, start, end } of readChunks(file)) {
    if (ANIMATION.has(type)) continue
    if (type === 'IHDR') parts.push(writeHeader(file.subarray(start, end), width, height))
    else if (type !== 'IDAT' || isDefault) parts.push(file.subarray(start - 8, end + 4))
    else if (!isWritten) {
      parts.push(...data.map(([from, to]) => makeChunk('IDAT', file.subarray(from, to))))
      isWritten = true
    }
  }
  return Buffer.concat(parts)
}

function writeHeader(header: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(header)
  copy.writeUInt32BE(width)
  copy.writeUInt32BE(height, 4)
  return makeChunk('IHDR', copy)
}
