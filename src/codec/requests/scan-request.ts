import { hasLuma } from '../parser/headers.js'
import { fitsMcu, sizeInBlocks, type BlockSize } from '../parser/subsampling.js'
import type { LocatedScan, ProgressiveJpeg } from '../parser/progressive-scans.js'
import { isScanNeeded } from '../parser/progressive.js'
import {
  COEF_HEIGHT_IN_BLOCKS,
  COEF_WIDTH_IN_BLOCKS,
  COEFFICIENT_LIMIT,
  COEFFICIENT_PLANE_SIZE,
  COEFFICIENT_PLANES,
  FILE,
  FILE_LENGTH,
  HUFFMAN_TABLE_SIZE,
  SCAN_COUNT,
  SCAN_DATA,
  SCAN_RESTART_INTERVAL,
  SCAN_SIZE,
  SCAN_SPECTRAL_START,
  SCAN_TABLES,
  SCANS,
} from './memory-layout.generated.js'

/** Bytes of the marker behind a scan's data, at which decoding stops. */
const MARKER_BYTES = 2

/** Returns true if WebAssembly can decode a progressive file: it is in YCbCr or grey, and no table of a needed scan is missing. */
export function canDecodeScans(jpeg: ProgressiveJpeg, blockSize: BlockSize): boolean {
  const { frame, headers, parts } = jpeg
  if (!hasLuma(headers) || !fitsMcu(frame)) return false
  if (!frame.components.every(({ quantTable }) => headers.quantTables.has(quantTable))) return false
  return parts.every(
    ({ scan }) => scan === undefined || !isScanNeeded(scan, jpeg, blockSize) || hasHuffmanTables(scan),
  )
}

/** DC refinement needs no Huffman table. */
function hasHuffmanTables({ spectralStart, approxHigh, huffmanTables }: LocatedScan): boolean {
  return (spectralStart === 0 && approxHigh > 0) || huffmanTables.every((table) => table !== undefined)
}

/**
 * Writes the needed scans of a progressive file into WebAssembly memory. Returns false if it is too small, with `reserve` bytes
 * for later stages.
 */
export function writeScans(
  memory: Uint8Array,
  file: Uint8Array,
  jpeg: ProgressiveJpeg,
  { blockSize, reserve }: { readonly blockSize: BlockSize; readonly reserve: number },
): boolean {
  const scans = jpeg.parts.flatMap(({ scan, end }) =>
    scan !== undefined && isScanNeeded(scan, jpeg, blockSize) ? [{ scan, end }] : [],
  )
  const size = scans.reduce(
    (sum, { scan, end }) => sum + end - scan.dataOffset + SCAN_SIZE + 3 * HUFFMAN_TABLE_SIZE + 32,
    0,
  )
  if (FILE + size + reserve > memory.length) return false
  const view = new DataView(memory.buffer, memory.byteOffset)
  let at = FILE
  const dataAddresses = scans.map(({ scan, end }) => {
    // V8 copies five times as fast between addresses that are multiples of eight.
    const misalignment = (file.byteOffset + scan.dataOffset) % 8
    const bytes = file.subarray(scan.dataOffset - misalignment, end + MARKER_BYTES)
    memory.set(bytes, at)
    const address = at + misalignment
    at = align8(at + bytes.length)
    return address
  })
  const tables = at + scans.length * SCAN_SIZE
  scans.forEach(({ scan }, index) =>
    writeScan(
      memory,
      at + index * SCAN_SIZE,
      scan,
      dataAddresses[index]!,
      tables + index * 3 * HUFFMAN_TABLE_SIZE,
    ),
  )
  jpeg.frame.components.forEach((component, index) => {
    const { across, down } = sizeInBlocks(component, jpeg.frame)
    const coefficientPlane = COEFFICIENT_PLANES + index * COEFFICIENT_PLANE_SIZE
    view.setUint32(coefficientPlane + COEF_WIDTH_IN_BLOCKS, across, true)
    view.setUint32(coefficientPlane + COEF_HEIGHT_IN_BLOCKS, down, true)
  })
  view.setUint32(FILE_LENGTH, tables + scans.length * 3 * HUFFMAN_TABLE_SIZE - FILE, true)
  view.setUint32(SCANS, at, true)
  view.setUint32(SCAN_COUNT, scans.length, true)
  view.setUint32(COEFFICIENT_LIMIT, memory.length - reserve, true)
  return true
}

/** Writes the record of a scan at an address, and its Huffman tables at `tables`. */
function writeScan(
  memory: Uint8Array,
  address: number,
  scan: LocatedScan,
  data: number,
  tables: number,
): void {
  const { restartInterval, spectralStart, spectralEnd, approxHigh, approxLow, components } = scan
  const view = new DataView(memory.buffer, memory.byteOffset + address, SCAN_SIZE)
  view.setUint32(SCAN_DATA, data, true)
  view.setUint32(SCAN_RESTART_INTERVAL, restartInterval, true)
  memory.set(
    [spectralStart, spectralEnd, approxHigh, approxLow, components.length, ...components],
    address + SCAN_SPECTRAL_START,
  )
  scan.huffmanTables.forEach((table, index) => {
    const tableAddress = tables + index * HUFFMAN_TABLE_SIZE
    view.setUint32(SCAN_TABLES + index * 4, tableAddress, true)
    // Clears the bytes behind the symbols: lookup tables are reused if all bytes of a Huffman table are the same.
    memory.fill(0, tableAddress, tableAddress + HUFFMAN_TABLE_SIZE)
    if (table !== undefined) memory.set(table.codes, tableAddress)
  })
}

function align8(address: number): number {
  return Math.ceil(address / 8) * 8
}
