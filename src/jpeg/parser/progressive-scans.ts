import { startHead, tableOf, takeSegment, type JpegHead } from './headers.js'
import { blocksOf } from './subsampling.js'
import {
  EOI,
  findScanEnd,
  isHead,
  PROGRESSIVE,
  readScan,
  readSegment,
  SOS,
  startsJpeg,
  type HuffmanTable,
  type JpegFrame,
  type JpegScan,
  type Segment,
} from './markers.js'

/** A whole progressive JPEG: its parts in their order, without its end and what lies behind that. */
export interface ScannedJpeg {
  readonly frame: JpegFrame
  readonly head: JpegHead
  readonly parts: readonly Part[]
}

/** Bytes `start` to `end` of a file, and what scan they are, if they are one. */
export interface Part {
  readonly start: number
  readonly end: number
  readonly scan?: PlacedScan
}

/** A scan, and what it is read with. */
export interface PlacedScan extends JpegScan {
  /** Where its data begins. */
  readonly data: number
  readonly interval: number
  /** For each component, DC's or AC's; undefined where one isn't there, or none is needed. */
  readonly codes: readonly (HuffmanTable | undefined)[]
}

/** What is known of a file as far as it has been read. */
interface State {
  readonly head: JpegHead
  /** For each component, which bit of each coefficient is known; 14 before there is any. */
  known: readonly Uint8Array[]
}

/** No coefficient has more bits below it (ITU T.81, table G.1). */
const UNKNOWN = 14

/**
 * Reads the structure of a progressive JPEG. Undefined where it isn't one, or not a whole one: with every coefficient
 * in full, every table, restart marker and end where it has to be, and nothing in it that is seldom seen.
 */
export function readScans(file: Buffer): ScannedJpeg | undefined {
  if (!startsJpeg(file)) return undefined
  const state: State = { head: startHead(), known: [] }
  const parts: Part[] = [{ start: 0, end: 2 }]
  let at = 2
  for (;;) {
    const segment = readSegment(file, at)
    if (segment === undefined) return undefined
    if (segment.marker === EOI) break
    const part = segment.marker === SOS ? takeScan(file, segment, state) : takeOther(file, segment, state)
    if (part === undefined) return undefined
    parts.push(part)
    at = part.end
  }
  const { head, known } = state
  const isWhole = known.every((bits) => bits.every((bit) => bit === 0))
  return head.frame !== undefined && isWhole ? { frame: head.frame, head, parts } : undefined
}

/** A segment that is no scan; undefined where it is odd. */
function takeOther(file: Buffer, segment: Segment, state: State): Part | undefined {
  const hasScans = state.known.some((bits) => bits[0] !== UNKNOWN)
  if (hasScans && isHead(segment)) return undefined
  if (!takeSegment(file, segment, state.head, PROGRESSIVE)) return undefined
  if (segment.marker === PROGRESSIVE)
    state.known = (state.head.frame?.components ?? []).map(() => new Uint8Array(64).fill(UNKNOWN))
  return segment
}

/** A scan with its data; undefined where it is odd. */
function takeScan(file: Buffer, segment: Segment, { head, known }: State): Part | undefined {
  const { frame, interval } = head
  const scan = frame && readScan(file, segment, frame)
  if (frame === undefined || scan === undefined || !refine(known, scan)) return undefined
  const isAc = scan.first > 0
  const codes = scan.tables.map(({ dc, ac }) => tableOf(head, { isAc, id: isAc ? ac : dc }))
  if (isAc && codes[0] === undefined) return undefined
  const restarts = interval === 0 ? 0 : Math.ceil(countUnits(scan, frame) / interval) - 1
  const { start, end: data } = segment
  const end = findScanEnd(file, data, restarts)
  return end === undefined ? undefined : { start, end, scan: { ...scan, data, interval, codes } }
}

/** How many MCUs a scan has: blocks where it is of one component, groups of blocks of all where it is of several. */
function countUnits({ components }: JpegScan, frame: JpegFrame): number {
  if (components.length === 1) {
    const { across, down } = blocksOf(frame.components[components[0]!]!, frame)
    return across * down
  }
  const { most } = frame
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
