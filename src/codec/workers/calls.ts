import type { ColourTables, DeflatedRows, ScaleDenominator, JpegSize, JpegTarget } from '../types.js'
import type { RawPixels, Size } from '../../picture.js'
import { readBaseline } from '../parser/baseline.js'
import { writeColourRequest } from '../requests/colour-request.js'
import { writeDecodeRequest, writePixels } from '../requests/decode-request.js'
import {
  isSameInTiles,
  verticalShrink,
  writeEncodeRequest,
  writeResizeRequest,
} from '../requests/resize-request.js'
import { writeRowsRequest } from '../requests/rows-request.js'
import type { BlockSize } from '../parser/subsampling.js'
import { canDecodeScans } from '../requests/scan-request.js'
import type { ProgressiveJpeg } from '../parser/progressive-scans.js'
import { readProgressive } from '../parser/progressive.js'
import type { CodecSlot, DeflatedData, WasmFunction } from './types.js'

/** A file, and how to decode it. */
interface JpegSource {
  readonly bytes: Uint8Array
  readonly scaleDenominator: ScaleDenominator
  /** Converts the colours of the decoded pixels. */
  readonly colours?: ColourTables | undefined
}

/** Decodes a file to RGB pixels; resolves to undefined if it is grey, not supported or damaged. */
export async function decodeIn(slot: CodecSlot, source: JpegSource): Promise<RawPixels | undefined> {
  const decoded = writeRequest(slot, source)
  if (decoded === undefined || decoded.isGrey) return undefined
  const pixels = await callIn(slot, 'decode')
  return pixels && { width: decoded.width, height: decoded.height, channels: 3, bytes: pixels }
}

/** Decodes and resizes a file to RGB pixels; resolves to undefined if it is grey, not supported or damaged. */
export async function decodeScaledIn(
  slot: CodecSlot,
  source: JpegSource,
  to: JpegSize,
): Promise<RawPixels | undefined> {
  const decoded = writeRequest(slot, source)
  if (decoded === undefined || decoded.isGrey || !isSameInTiles(decoded, to)) return undefined
  if (!writeResizeRequest(slot.memory, decoded, to)) return undefined
  const pixels = await callIn(slot, 'decodeScaled')
  return pixels && { width: to.width, height: to.height, channels: 3, bytes: pixels }
}

/** Decodes, resizes and encodes a file; resolves to undefined if it is not supported or damaged. */
export async function transcodeIn(
  slot: CodecSlot,
  source: JpegSource,
  to: JpegTarget,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const size = writeRequest(slot, source)
  return size && writeTarget(slot.memory, size, to) ? callIn(slot, 'transcode') : undefined
}

/**
 * Resizes the rows of a PNG; resolves to undefined if they are damaged or too large, or sharp's output would differ.
 */
export async function scaleRowsIn(
  slot: CodecSlot,
  rows: DeflatedRows,
  to: JpegSize,
): Promise<RawPixels | undefined> {
  if (!isSameInTiles(rows, to) || !writeResizeRequest(slot.memory, rows, to)) return undefined
  const deflated = writeRowsRequest(slot.memory, rows, verticalShrink(rows, to))
  const pixels = deflated && (await callIn(slot, 'scaleRows', deflated))
  return pixels && { width: to.width, height: to.height, channels: rows.channels, bytes: pixels }
}

/** Resizes and encodes RGB pixels; resolves to undefined if the memory is too small, or the resize is not supported. */
export async function encodeIn(
  slot: CodecSlot,
  pixels: RawPixels,
  to: JpegTarget,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const isWritten = writePixels(slot.memory, pixels) && writeTarget(slot.memory, pixels, to)
  return isWritten ? callIn(slot, 'encode') : undefined
}

/** Writes the requests to resize and encode; returns false if sharp's output would differ, or the memory is too small. */
function writeTarget(memory: Uint8Array, from: Size, to: JpegTarget): boolean {
  // libvips resizes in tiles before it applies an orientation.
  if (!writeResizeRequest(memory, from, to) || (to.orientation !== 1 && !isSameInTiles(from, to)))
    return false
  writeEncodeRequest(memory, to)
  return true
}

/** Side of a decoded block at each scale. */
const BLOCK_SIZES = { 1: 8, 2: 4, 4: 2, 8: 1 } as const satisfies Record<ScaleDenominator, BlockSize>

/** Writes the request to decode; returns what is decoded, or undefined if the file is not supported. */
function writeRequest(
  { memory }: CodecSlot,
  { bytes, scaleDenominator, colours }: JpegSource,
): (Size & { readonly isGrey: boolean }) | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blockSize = BLOCK_SIZES[scaleDenominator]
  const jpeg = readBaseline(file) ?? readSupportedProgressive(file, blockSize)
  writeColourRequest(memory, colours)
  const size = jpeg && writeDecodeRequest(memory, file, jpeg, blockSize)
  return size && { ...size, isGrey: jpeg.frame.components.length === 1 }
}

function readSupportedProgressive(file: Buffer, blockSize: BlockSize): ProgressiveJpeg | undefined {
  const jpeg = readProgressive(file)
  return jpeg && canDecodeScans(jpeg, blockSize) ? jpeg : undefined
}

/** Calls WebAssembly and copies its output, since the next request overwrites it. */
async function callIn(
  slot: CodecSlot,
  name: WasmFunction,
  deflated?: DeflatedData,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { start, end, memoryEnd } = await slot.call(name, deflated)
  slot.usedBytes = Math.max(slot.usedBytes, memoryEnd)
  return start === 0 ? undefined : slot.memory.slice(start, end)
}
