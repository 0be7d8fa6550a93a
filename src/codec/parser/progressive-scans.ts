import { applySegment, createHeaders, findHuffmanTable, type JpegHeaders } from './headers.js'
import { countMcus, sizeInBlocks } from './subsampling.js'
import {
  EOI,
  findScanEnd,
  isBeforeScans,
  PROGRESSIVE,
  readScanHeader,
  readSegment,
  SOS,
  startsWithSoi,
  type HuffmanTable,
  type JpegFrame,
  type JpegScan,
  type Segment,
} from './markers.js'

/** Structure of a complete progressive JPEG: its parts in order, up to the EOI marker. */
export interface ProgressiveJpeg {
  readonly frame: JpegFrame
  readonly headers: JpegHeaders
  readonly parts: readonly FilePart[]
}

/** Bytes `start` to `end` of a file, and the scan in them, if any. */
export interface FilePart {
  readonly start: number
  readonly end: number
  readonly scan?: LocatedScan
}

/** A scan, its data and its tables. */
export interface LocatedScan extends JpegScan {
  /** Offset of its entropy-coded data in the file. */
  readonly dataOffset: number
  readonly restartInterval: number
  /** DC or AC tables of its components; undefined if there is none. */
  readonly huffmanTables: readonly (HuffmanTable | undefined)[]
}

interface ParserState {
  readonly headers: JpegHeaders
  /** For each component the lowest known bit of each coefficient; `NO_BITS` before its first scan. */
  lowestBits: readonly Uint8Array[]
}

/** One more than the highest point transform (ITU T.81, table B.3). */
const NO_BITS = 14

/**
 * Reads the structure of a progressive JPEG. Returns undefined for any other file, and unless it is complete: all bits of all
 * coefficients, all tables and restart markers, and an EOI marker.
 */
export function readScans(file: Buffer): ProgressiveJpeg | undefined {
  if (!startsWithSoi(file)) return undefined
  const state: ParserState = { headers: createHeaders(), lowestBits: [] }
  const parts: FilePart[] = [{ start: 0, end: 2 }]
  let at = 2
  for (;;) {
    const segment = readSegment(file, at)
    if (segment === undefined) return undefined
    if (segment.marker === EOI) break
    const part = segment.marker === SOS ? readScan(file, segment, state) : readHeader(file, segment, state)
    if (part === undefined) return undefined
    parts.push(part)
    at = part.end
  }
  const { headers, lowestBits } = state
  const isComplete = lowestBits.every((bits) => bits.every((bit) => bit === 0))
  return headers.frame !== undefined && isComplete ? { frame: headers.frame, headers, parts } : undefined
}

/** Reads a segment other than a scan; returns undefined if it is invalid. */
function readHeader(file: Buffer, segment: Segment, state: ParserState): FilePart | undefined {
  const hasScans = state.lowestBits.some((bits) => bits[0] !== NO_BITS)
  if (hasScans && isBeforeScans(segment)) return undefined
  if (!applySegment(file, segment, state.headers, PROGRESSIVE)) return undefined
  if (segment.marker === PROGRESSIVE)
    state.lowestBits = (state.headers.frame?.components ?? []).map(() => new Uint8Array(64).fill(NO_BITS))
  return segment
}

/** Reads a scan and finds the end of its data; returns undefined if it is invalid. */
function readScan(
  file: Buffer,
  segment: Segment,
  { headers, lowestBits }: ParserState,
): FilePart | undefined {
  const { frame, restartInterval } = headers
  const scan = frame && readScanHeader(file, segment, frame)
  if (frame === undefined || scan === undefined || !refineBits(lowestBits, scan)) return undefined
  const isAc = scan.spectralStart > 0
  const huffmanTables = scan.tables.map(({ dc, ac }) =>
    findHuffmanTable(headers, { isAc, id: isAc ? ac : dc }),
  )
  if (isAc && huffmanTables[0] === undefined) return undefined
  const restarts = restartInterval === 0 ? 0 : Math.ceil(countScanMcus(scan, frame) / restartInterval) - 1
  const { start, end: dataOffset } = segment
  const end = findScanEnd(file, dataOffset, restarts)
  return end === undefined
    ? undefined
    : { start, end, scan: { ...scan, dataOffset, restartInterval, huffmanTables } }
}

/** Returns the number of MCUs of a scan. In a scan of one component an MCU is one block (ITU T.81, A.2.2). */
function countScanMcus({ components }: JpegScan, frame: JpegFrame): number {
  if (components.length > 1) return countMcus(frame).count
  const { across, down } = sizeInBlocks(frame.components[components[0]!]!, frame)
  return across * down
}

/** Notes the bits that a scan adds; returns false if they do not follow those of earlier scans (ITU T.81, G.1.1.1). */
function refineBits(lowestBits: readonly Uint8Array[], scan: JpegScan): boolean {
  const { components, spectralStart, spectralEnd, approxHigh, approxLow } = scan
  const isValid =
    spectralEnd < 64 &&
    (spectralStart === 0 ? spectralEnd === 0 : spectralStart <= spectralEnd && components.length === 1) &&
    (approxHigh === 0 ? approxLow < NO_BITS : approxLow === approxHigh - 1)
  if (!isValid) return false
  return components.every((index) => {
    const bits = lowestBits[index]!
    const expected = approxHigh === 0 ? NO_BITS : approxHigh
    const isNext = bits.subarray(spectralStart, spectralEnd + 1).every((bit) => bit === expected)
    // A component's first scan is one of its DC coefficients.
    if (!isNext || (spectralStart > 0 && bits[0] === NO_BITS)) return false
    bits.fill(approxLow, spectralStart, spectralEnd + 1)
    return true
  })
}
