import { isInColour, startHead, tableOf, takeSegment, type JpegHead } from './headers.js'
import { fitsUnit } from './subsampling.js'
import {
  BASELINE,
  readScan,
  readSegment,
  SOS,
  startsJpeg,
  type HuffmanTable,
  type JpegComponent,
  type JpegFrame,
  type Segment,
} from './markers.js'

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

/** Reads what stands before the one scan of a file. Undefined where it is no plain baseline JPEG in colour. */
export function readBaseline(file: Buffer): BaselineJpeg | undefined {
  if (!startsJpeg(file)) return undefined
  const head = startHead()
  for (let at = 2; ;) {
    const segment = readSegment(file, at)
    if (segment === undefined) return undefined
    if (segment.marker === SOS) return begin(file, segment, head)
    if (!takeSegment(file, segment, head, BASELINE)) return undefined
    at = segment.end
  }
}

/** The file, if its scan has all of each component. */
function begin(file: Buffer, segment: Segment, head: JpegHead): BaselineJpeg | undefined {
  const { frame, interval, tables, quantizers } = head
  const scan = frame && readScan(file, segment, frame)
  if (frame === undefined || scan === undefined || !isInColour(head)) return undefined
  const isWhole = scan.components.length === 3 && scan.first === 0 && scan.last === 63
  if (!isWhole || scan.high !== 0 || scan.low !== 0) return undefined
  const components = frame.components.map((component, index): BaselineComponent => ({
    ...component,
    ...scan.tables[index]!,
  }))
  const isSound = components.every(
    ({ dc, ac, quantizer }, index) =>
      scan.components[index] === index &&
      quantizers.has(quantizer) &&
      tableOf(head, { isAc: false, id: dc }) !== undefined &&
      tableOf(head, { isAc: true, id: ac }) !== undefined,
  )
  if (!isSound || !fitsUnit(frame)) return undefined
  return { frame, components, tables: [...tables.values()], quantizers, interval, data: segment.end }
}
