import {
  DQT,
  isBeforeScans,
  isHuffmanTables,
  isRestartInterval,
  readFrameHeader,
  readHuffmanTables,
  readRestartInterval,
  type HuffmanTable,
  type JpegFrame,
  type Segment,
} from './markers.js'

/** State of all segments read so far, scans aside. */
export interface JpegHeaders {
  frame: JpegFrame | undefined
  /** MCUs between restart markers; 0 for no markers. */
  restartInterval: number
  /** Huffman tables by slot; later ones replace earlier ones. */
  readonly huffmanTables: Map<number, HuffmanTable>
  /** Quantization tables of 8 bits by id: 64 numbers in zigzag order. */
  readonly quantTables: Map<number, Uint8Array>
  isJfif: boolean
  /** Colour transform of the Adobe marker. */
  adobeTransform: number | undefined
}

const APP0 = 0xe0
const APP14 = 0xee
/** Least bytes of a JFIF and of an Adobe segment, without marker and length. */
const JFIF_BYTES = 14
const ADOBE_BYTES = 12
/** Adobe's transform for YCbCr. */
const YCC = 1

export function createHeaders(): JpegHeaders {
  return {
    frame: undefined,
    restartInterval: 0,
    huffmanTables: new Map(),
    quantTables: new Map(),
    isJfif: false,
    adobeTransform: undefined,
  }
}

/**
 * Applies a segment other than a scan to the state. Returns false if it is invalid, or if it is a frame header with another
 * marker than `frameMarker`.
 */
export function applySegment(
  file: Buffer,
  segment: Segment,
  headers: JpegHeaders,
  frameMarker: number,
): boolean {
  const { marker, start, end } = segment
  if (isHuffmanTables(segment)) {
    const tables = readHuffmanTables(file, segment)
    for (const table of tables ?? []) headers.huffmanTables.set(slotOf(table), table)
    return tables !== undefined
  }
  if (marker === DQT) return applyQuantTables(file, segment, headers.quantTables)
  if (isRestartInterval(segment)) {
    const restartInterval = readRestartInterval(file, segment)
    headers.restartInterval = restartInterval ?? 0
    return restartInterval !== undefined
  }
  if (marker === frameMarker && headers.frame === undefined) {
    headers.frame = readFrameHeader(file, segment)
    return headers.frame !== undefined
  }
  // libjpeg ignores shorter segments (jdmarker.c, `examine_app0` and `examine_app14`).
  const name = file.toString('latin1', start + 4, start + 9)
  const length = end - start - 4
  if (marker === APP0 && name === 'JFIF\0' && length >= JFIF_BYTES) headers.isJfif = true
  if (marker === APP14 && name === 'Adobe' && length >= ADOBE_BYTES) headers.adobeTransform = file[start + 15]
  return isBeforeScans(segment)
}

/** Returns the current Huffman table of a class and id, if there is one. */
export function findHuffmanTable(
  { huffmanTables }: JpegHeaders,
  table: Pick<HuffmanTable, 'isAc' | 'id'>,
): HuffmanTable | undefined {
  return huffmanTables.get(slotOf(table))
}

/** There are four slots of either class. */
function slotOf({ isAc, id }: Pick<HuffmanTable, 'isAc' | 'id'>): number {
  return (isAc ? 4 : 0) + id
}

/** Returns false if a table is truncated, or its precision or id is invalid. */
function applyQuantTables(file: Buffer, { start, end }: Segment, all: Map<number, Uint8Array>): boolean {
  for (let at = start + 4; at < end;) {
    const [precision, id] = [file[at]! >> 4, file[at]! & 15]
    const table = file.subarray(at + 1, at + 1 + (precision === 0 ? 64 : 128))
    at += 1 + table.length
    if (precision > 1 || id > 3 || at > end) return false
    if (precision === 0) all.set(id, table)
    else all.delete(id)
  }
  return true
}

/** Returns true if the components are grey or YCbCr, in which files are decoded. */
export function hasLuma(headers: JpegHeaders): boolean {
  return headers.frame?.components.length === 1 || isYcc(headers)
}

/** Returns true if libjpeg takes the components for YCbCr (jdapimin.c, `default_decompress_parms`). */
function isYcc({ frame, isJfif, adobeTransform }: JpegHeaders): boolean {
  const { components = [] } = frame ?? {}
  if (components.length !== 3) return false
  if (isJfif || adobeTransform === YCC) return true
  return adobeTransform === undefined && components.every(({ id }, index) => id === index + 1)
}
