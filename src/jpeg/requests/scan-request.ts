import { isInColour } from '../parser/headers.js'
import { blocksOf, fitsUnit, type BlockSize } from '../parser/subsampling.js'
import type { PlacedScan, ScannedJpeg } from '../parser/progressive-scans.js'
import { isSeen } from '../parser/progressive.js'
import {
  FILE,
  GRID,
  GRIDS,
  HUFFMAN_SIZE,
  LENGTH,
  LIMIT,
  SCAN,
  SCAN_COUNT,
  SCAN_TABLES,
  SCANS,
} from './memory-layout.generated.js'

/** What a marker takes. */
const MARKER = 2

/** A progressive file that can be decoded here: in luma and two chromas, with all that its scans are read with. */
export function isPlainScans(jpeg: ScannedJpeg, side: BlockSize): boolean {
  const { frame, head, parts } = jpeg
  if (!isInColour(head) || !fitsUnit(frame)) return false
  if (!frame.components.every(({ quantizer }) => head.quantizers.has(quantizer))) return false
  return parts.every(({ scan }) => scan === undefined || !isSeen(scan, jpeg, side) || hasCodes(scan))
}

/** A bit more of DC needs none. */
function hasCodes({ first, high, codes }: PlacedScan): boolean {
  return (first === 0 && high > 0) || codes.every((table) => table !== undefined)
}

/**
 * Writes down for WebAssembly the scans of a file that are needed, and their data; false where the memory is too small for
 * that, of which so much is needed afterwards.
 */
export function writeScans(
  memory: Uint8Array,
  file: Uint8Array,
  jpeg: ScannedJpeg,
  { side, reserve }: { readonly side: BlockSize; readonly reserve: number },
): boolean {
  const scans = jpeg.parts.filter(({ scan }) => scan !== undefined && isSeen(scan, jpeg, side))
  const size = scans.reduce((sum, { scan, end }) => sum + end - scan!.data + SCAN + 3 * HUFFMAN_SIZE + 32, 0)
  if (FILE + size + reserve > memory.length) return false
  const view = new DataView(memory.buffer, memory.byteOffset)
  let at = FILE
  const places = scans.map(({ scan, end }) => {
    // Between places of eight bytes V8 copies five times as fast.
    const skipped = (file.byteOffset + scan!.data) % 8
    const bytes = file.subarray(scan!.data - skipped, end + MARKER)
    memory.set(bytes, at)
    const place = at + skipped
    at = align(at + bytes.length)
    return place
  })
  const tables = at + scans.length * SCAN
  scans.forEach(({ scan }, index) =>
    writeScan(memory, at + index * SCAN, scan!, places[index]!, tables + index * 3 * HUFFMAN_SIZE),
  )
  jpeg.frame.components.forEach((component, index) => {
    const { across, down } = blocksOf(component, jpeg.frame)
    view.setUint32(GRIDS + index * GRID, across, true)
    view.setUint32(GRIDS + index * GRID + 4, down, true)
  })
  view.setUint32(LENGTH, tables + scans.length * 3 * HUFFMAN_SIZE - FILE, true)
  view.setUint32(SCANS, at, true)
  view.setUint32(SCAN_COUNT, scans.length, true)
  view.setUint32(LIMIT, memory.length - reserve, true)
  return true
}

function writeScan(memory: Uint8Array, at: number, scan: PlacedScan, data: number, tables: number): void {
  const { interval, first, last, high, low, components, codes } = scan
  const view = new DataView(memory.buffer, memory.byteOffset + at, SCAN)
  view.setUint32(0, data, true)
  view.setUint32(4, interval, true)
  memory.set([first, last, high, low, components.length, ...components], at + 8)
  codes.forEach((table, index) => {
    const place = tables + index * HUFFMAN_SIZE
    view.setUint32(SCAN_TABLES + index * 4, place, true)
    // What was made of it before is used again where all of it is the same.
    memory.fill(0, place, place + HUFFMAN_SIZE)
    if (table !== undefined) memory.set(table.codes, place)
  })
}

function align(at: number): number {
  return Math.ceil(at / 8) * 8
}
