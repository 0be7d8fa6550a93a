import {
  DQT,
  isHead,
  isInterval,
  isTables,
  readFrame,
  readInterval,
  readTables,
  type HuffmanTable,
  type JpegFrame,
  type Segment,
} from './markers.js'

/** What a JPEG has said, besides its scans, as far as it has been read. */
export interface JpegHead {
  frame: JpegFrame | undefined
  /** MCUs from one restart marker to the next; 0 for no markers. */
  interval: number
  /** Later ones take the place of earlier ones. */
  readonly tables: Map<number, HuffmanTable>
  /** For each quantizer its 64 numbers, in zigzag order, where these are of 8 bits. */
  readonly quantizers: Map<number, Uint8Array>
  isJfif: boolean
  /** What Adobe's marker says of the colours. */
  transform: number | undefined
}

const APP0 = 0xe0
const APP14 = 0xee
/** Adobe's word for luma and chroma. */
const YCC = 1

export function startHead(): JpegHead {
  return {
    frame: undefined,
    interval: 0,
    tables: new Map(),
    quantizers: new Map(),
    isJfif: false,
    transform: undefined,
  }
}

/** Notes what a segment says that is no scan, of a file whose frame has this marker; false where it is odd. */
export function takeSegment(file: Buffer, segment: Segment, head: JpegHead, kind: number): boolean {
  const { marker, start } = segment
  if (isTables(segment)) {
    const tables = readTables(file, segment)
    for (const table of tables ?? []) head.tables.set(slotOf(table), table)
    return tables !== undefined
  }
  if (marker === DQT) return takeQuantizers(file, segment, head.quantizers)
  if (isInterval(segment)) {
    const interval = readInterval(file, segment)
    head.interval = interval ?? 0
    return interval !== undefined
  }
  if (marker === kind && head.frame === undefined) {
    head.frame = readFrame(file, segment)
    return head.frame !== undefined
  }
  if (marker === APP0 && file.toString('latin1', start + 4, start + 9) === 'JFIF\0') head.isJfif = true
  if (marker === APP14 && file.toString('latin1', start + 4, start + 9) === 'Adobe')
    head.transform = file[start + 15]
  return isHead(segment)
}

/** The table that a scan means now, if there is one. */
export function tableOf({ tables }: JpegHead, table: Pick<HuffmanTable, 'isAc' | 'id'>) {
  return tables.get(slotOf(table))
}

/** There are four of either kind. */
function slotOf({ isAc, id }: Pick<HuffmanTable, 'isAc' | 'id'>): number {
  return (isAc ? 4 : 0) + id
}

/** False where they end too early, or have names that there aren't. */
function takeQuantizers(file: Buffer, { start, end }: Segment, all: Map<number, Uint8Array>): boolean {
  for (let at = start + 4; at < end;) {
    const [bits, id] = [file[at]! >> 4, file[at]! & 15]
    const numbers = file.subarray(at + 1, at + 1 + (bits === 0 ? 64 : 128))
    at += 1 + numbers.length
    if (bits > 1 || id > 3 || at > end) return false
    if (bits === 0) all.set(id, numbers)
    else all.delete(id)
  }
  return true
}

/** Whether three components are luma and chroma to libjpeg (jdapimin.c, `default_decompress_parms`). */
export function isInColour({ frame, isJfif, transform }: JpegHead): boolean {
  const { components = [] } = frame ?? {}
  if (components.length !== 3) return false
  if (isJfif || transform === YCC) return true
  return transform === undefined && components.every(({ id }, index) => id === index + 1)
}
