import {
  BASELINE,
  DQT,
  isHead,
  isInterval,
  isTables,
  readFrame,
  readInterval,
  readScan,
  readSegment,
  readTables,
  SOS,
  startsJpeg,
  type HuffmanTable,
  type JpegComponent,
  type JpegFrame,
  type Segment,
} from './jpeg-markers.js'

/** What stands before the data of a baseline JPEG that is in colour, in luma and two chromas. */
export interface BaselineJpeg {
  readonly frame: JpegFrame
  readonly components: readonly BaselineComponent[]
  readonly tables: readonly HuffmanTable[]
  /** For each quantizer its 64 numbers, in zigzag order. */
  readonly quantizers: ReadonlyMap<number, Uint8Array>
  /** MCUs from one restart marker to the next; 0 for no markers. */
  readonly interval: number
  /** Where the data begins. */
  readonly data: number
}

export interface BaselineComponent extends JpegComponent {
  /** Which Huffman tables its coefficients are read with. */
  readonly dc: number
  readonly ac: number
}

const APP0 = 0xe0
const APP14 = 0xee
/** Adobe's word for luma and chroma. */
const YCC = 1

/** What is known of a file as far as it has been read. */
interface State {
  frame: JpegFrame | undefined
  interval: number
  /** Later ones take the place of earlier ones. */
  readonly tables: Map<string, HuffmanTable>
  readonly quantizers: Map<number, Uint8Array>
  isJfif: boolean
  /** What Adobe's marker says of the colours. */
  transform: number | undefined
}

/** Reads what stands before the one scan of a file. Undefined where it is no plain baseline JPEG in colour. */
export function readBaseline(file: Buffer): BaselineJpeg | undefined {
  if (!startsJpeg(file)) return undefined
  const tables = new Map<string, HuffmanTable>()
  const quantizers = new Map<number, Uint8Array>()
  const state: State = {
    frame: undefined,
    interval: 0,
    tables,
    quantizers,
    isJfif: false,
    transform: undefined,
  }
  for (let at = 2; ;) {
    const segment = readSegment(file, at)
    if (segment === undefined) return undefined
    if (segment.marker === SOS) return begin(file, segment, state)
    if (!takeSegment(file, segment, state)) return undefined
    at = segment.end
  }
}

/** False where a segment is odd. */
function takeSegment(file: Buffer, segment: Segment, state: State): boolean {
  const { marker, start } = segment
  if (isTables(segment)) {
    const tables = readTables(file, segment)
    for (const table of tables ?? []) state.tables.set(`${table.isAc} ${table.id}`, table)
    return tables !== undefined
  }
  if (marker === DQT) return takeQuantizers(file, segment, state.quantizers)
  if (isInterval(segment)) {
    const interval = readInterval(file, segment)
    state.interval = interval ?? 0
    return interval !== undefined
  }
  if (marker === BASELINE && state.frame === undefined) {
    state.frame = readFrame(file, segment)
    return state.frame !== undefined
  }
  if (marker === APP0 && file.toString('latin1', start + 4, start + 9) === 'JFIF\0') state.isJfif = true
  if (marker === APP14 && file.toString('latin1', start + 4, start + 9) === 'Adobe')
    state.transform = file[start + 15]
  return isHead(segment)
}

/** False for quantizers of 16 bits a number, which no baseline JPEG has. */
function takeQuantizers(file: Buffer, { start, end }: Segment, all: Map<number, Uint8Array>): boolean {
  for (let at = start + 4; at < end; at += 65) {
    const id = file[at]!
    if (id > 3 || at + 65 > end) return false
    all.set(id, file.subarray(at + 1, at + 65))
  }
  return true
}

/** The file, if its scan has all of each component. */
function begin(file: Buffer, segment: Segment, state: State): BaselineJpeg | undefined {
  const { frame, interval, tables, quantizers } = state
  const scan = frame && readScan(file, segment, frame)
  if (frame === undefined || scan === undefined || !isInColour(state, frame)) return undefined
  const isWhole = scan.components.length === 3 && scan.first === 0 && scan.last === 63
  if (!isWhole || scan.high !== 0 || scan.low !== 0) return undefined
  const components = frame.components.map((component, index): BaselineComponent => {
    const ids = file[segment.start + 6 + index * 2]!
    return { ...component, dc: ids >> 4, ac: ids & 15 }
  })
  const isSound = components.every(
    ({ dc, ac, quantizer }, index) =>
      scan.components[index] === index &&
      quantizers.has(quantizer) &&
      tables.has(`false ${dc}`) &&
      tables.has(`true ${ac}`),
  )
  // An MCU has no more blocks than that (ITU T.81, B.2.3).
  const blocks = components.reduce((sum, { across, down }) => sum + across * down, 0)
  if (!isSound || blocks > 10) return undefined
  return { frame, components, tables: [...tables.values()], quantizers, interval, data: segment.end }
}

/** Whether three components are luma and chroma to libjpeg (jdapimin.c, `default_decompress_parms`). */
function isInColour({ isJfif, transform }: State, { components }: JpegFrame): boolean {
  if (components.length !== 3) return false
  if (isJfif || transform === YCC) return true
  return transform === undefined && components.every(({ id }, index) => id === index + 1)
}
