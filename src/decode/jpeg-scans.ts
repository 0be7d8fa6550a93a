import { mostSamples } from './jpeg-sampling.js'
import {
  EOI,
  findScanEnd,
  isHead,
  isInterval,
  isTables,
  PROGRESSIVE,
  readFrame,
  readInterval,
  readScan,
  readSegment,
  readTables,
  SOS,
  startsJpeg,
  type JpegComponent,
  type JpegFrame,
  type JpegScan,
  type Segment,
} from './jpeg-markers.js'

/** A whole progressive JPEG: its parts in their order, without its end and what lies behind that. */
export interface ScannedJpeg {
  readonly frame: JpegFrame
  readonly parts: readonly Part[]
}

/** Bytes `start` to `end` of a file, and what scan they are, if they are one. */
export interface Part {
  readonly start: number
  readonly end: number
  readonly scan?: JpegScan
}

/** What is known of a file as far as it has been read. */
interface State {
  frame: JpegFrame | undefined
  /** For each component, which bit of each coefficient is known; 14 before there is any. */
  known: readonly Uint8Array[]
  /** MCUs from one restart marker to the next; 0 for no markers. */
  interval: number
  /** Of AC coefficients. */
  readonly tables: Set<number>
}

/** No coefficient has more bits below it (ITU T.81, table G.1). */
const UNKNOWN = 14

/**
 * Reads the structure of a progressive JPEG. Undefined where it isn't one, or not a whole one: with every coefficient
 * in full, every table, restart marker and end where it has to be, and nothing in it that is seldom seen.
 */
export function readScans(file: Buffer): ScannedJpeg | undefined {
  if (!startsJpeg(file)) return undefined
  const state: State = { frame: undefined, known: [], interval: 0, tables: new Set() }
  const parts: Part[] = [{ start: 0, end: 2 }]
  let at = 2
  for (;;) {
    const segment = readSegment(file, at)
    if (segment === undefined) return undefined
    if (segment.marker === EOI) break
    const part = segment.marker === SOS ? takeScan(file, segment, state) : takeSegment(file, segment, state)
    if (part === undefined) return undefined
    parts.push(part)
    at = part.end
  }
  const { frame, known } = state
  const isWhole = known.every((bits) => bits.every((bit) => bit === 0))
  return frame !== undefined && isWhole ? { frame, parts } : undefined
}

/** How many blocks of 8x8 samples a component has. */
export function countBlocks({ across, down }: JpegComponent, frame: JpegFrame): number {
  const most = mostSamples(frame)
  return (
    Math.ceil((frame.width * across) / (most.across * 8)) * Math.ceil((frame.height * down) / (most.down * 8))
  )
}

/** A segment that is no scan; undefined where it is odd. */
function takeSegment(file: Buffer, segment: Segment, state: State): Part | undefined {
  if (isTables(segment)) {
    const tables = readTables(file, segment)
    tables?.filter(({ isAc }) => isAc).forEach(({ id }) => state.tables.add(id))
    return tables && segment
  }
  if (isInterval(segment)) {
    const interval = readInterval(file, segment)
    state.interval = interval ?? 0
    return interval === undefined ? undefined : segment
  }
  const hasScans = state.known.some((bits) => bits[0] !== UNKNOWN)
  if (isHead(segment)) return hasScans ? undefined : segment
  if (segment.marker !== PROGRESSIVE || state.frame !== undefined) return undefined
  state.frame = readFrame(file, segment)
  state.known = (state.frame?.components ?? []).map(() => new Uint8Array(64).fill(UNKNOWN))
  return state.frame && segment
}

/** A scan with its data; undefined where it is odd. */
function takeScan(
  file: Buffer,
  segment: Segment,
  { frame, known, interval, tables }: State,
): Part | undefined {
  if (frame === undefined) return undefined
  const scan = readScan(file, segment, frame)
  if (scan === undefined || !refine(known, scan)) return undefined
  if (scan.first > 0 && !tables.has(scan.table)) return undefined
  const restarts = interval === 0 ? 0 : Math.ceil(countUnits(scan, frame) / interval) - 1
  const end = findScanEnd(file, segment.end, restarts)
  return end === undefined ? undefined : { start: segment.start, end, scan }
}

/** How many MCUs a scan has: blocks where it is of one component, groups of blocks of all where it is of several. */
function countUnits({ components }: JpegScan, frame: JpegFrame): number {
  if (components.length === 1) return countBlocks(frame.components[components[0]!]!, frame)
  const most = mostSamples(frame)
  return Math.ceil(frame.width / (most.across * 8)) * Math.ceil(frame.height / (most.down * 8))
}

/** Notes what a scan adds to its coefficients; false where that isn't what comes next (ITU T.81, G.1.1.1). */
function refine(known: readonly Uint8Array[], { components, first, last, high, low }: JpegScan): boolean {
  const isSound =
    last < 64 &&
    (first === 0 ? last === 0 : first <= last && components.length === 1) &&
    (high === 0 ? low < UNKNOWN : low === high - 1)
  if (!isSound) return false
  return components.every((index) => {
    const bits = known[index]!
    const isNext = bits.subarray(first, last + 1).every((bit) => bit === (high === 0 ? UNKNOWN : high))
    // AC coefficients mean nothing before DC.
    if (!isNext || (first > 0 && bits[0] === UNKNOWN)) return false
    bits.fill(low, first, last + 1)
    return true
  })
}
