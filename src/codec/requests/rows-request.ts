import type { DeflatedRows } from '../types.js'
import type { DeflatedData } from '../workers/types.js'
import { COMPONENT_COUNT, FILE, FILE_LENGTH, OUTPUT_HEIGHT, OUTPUT_WIDTH } from './memory-layout.generated.js'

/** Rows of margin above and below the pixels, and lines that are worked on. */
const EXTRA_ROWS = 60
/** Bytes of the margins of lines. */
const SLACK = 4096

/**
 * Writes the rows of a PNG and the request to resize them into WebAssembly memory: the stream behind the place of its unpacked
 * data, which the next stages may overwrite. Returns the data to unpack; undefined if the memory is too small.
 *
 * @param shrink rows that are averaged to one.
 */
export function writeRowsRequest(
  memory: Uint8Array,
  { width, height, channels, parts }: DeflatedRows,
  shrink: number,
): DeflatedData | undefined {
  const row = width * channels
  const length = height * (row + 1)
  const packed = parts.reduce((sum, part) => sum + part.length, 0)
  // The averaged rows, the group that is averaged, and the output, which has at most as many rows.
  const working = (Math.ceil(height / shrink) * 2 + shrink + EXTRA_ROWS) * row + SLACK
  const start = FILE + length + 64
  if (start + Math.max(packed, working) > memory.length) return undefined
  const view = new DataView(memory.buffer, memory.byteOffset)
  view.setUint32(FILE_LENGTH, length, true)
  view.setUint32(COMPONENT_COUNT, channels, true)
  view.setUint32(OUTPUT_WIDTH, width, true)
  view.setUint32(OUTPUT_HEIGHT, height, true)
  let end = start
  for (const part of parts) {
    memory.set(part, end)
    end += part.length
  }
  return { start, end, to: FILE, length }
}
