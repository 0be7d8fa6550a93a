import { applySegment, createHeaders, findHuffmanTable, hasLuma, type JpegHeaders } from './headers.js'
import { fitsMcu } from './subsampling.js'
import {
  BASELINE,
  readScanHeader,
  readSegment,
  SOS,
  startsWithSoi,
  type HuffmanTable,
  type JpegComponent,
  type JpegFrame,
  type Segment,
} from './markers.js'

/** Headers of a baseline JPEG in YCbCr or grey with one scan. */
export interface BaselineJpeg {
  readonly frame: JpegFrame
  readonly components: readonly BaselineComponent[]
  readonly huffmanTables: readonly HuffmanTable[]
  /** Quantization tables by id: 64 numbers in zigzag order. */
  readonly quantTables: ReadonlyMap<number, Uint8Array>
  /** MCUs between restart markers; 0 for no markers. */
  readonly restartInterval: number
  /** Offset of the entropy-coded data in the file. */
  readonly dataOffset: number
}

export interface BaselineComponent extends JpegComponent {
  /** Ids of its Huffman tables. */
  readonly dc: number
  readonly ac: number
}

/** Reads the headers of a baseline JPEG. Returns undefined for any other file, and for rare or invalid headers. */
export function readBaseline(file: Buffer): BaselineJpeg | undefined {
  if (!startsWithSoi(file)) return undefined
  const headers = createHeaders()
  for (let at = 2; ;) {
    const segment = readSegment(file, at)
    if (segment === undefined) return undefined
    if (segment.marker === SOS) return readOnlyScan(file, segment, headers)
    if (!applySegment(file, segment, headers, BASELINE)) return undefined
    at = segment.end
  }
}

/** Returns undefined unless the scan holds all coefficients of all components. */
function readOnlyScan(file: Buffer, segment: Segment, headers: JpegHeaders): BaselineJpeg | undefined {
  const { frame, restartInterval, huffmanTables, quantTables } = headers
  const scan = frame && readScanHeader(file, segment, frame)
  if (frame === undefined || scan === undefined || !hasLuma(headers)) return undefined
  const isWhole =
    scan.components.length === frame.components.length && scan.spectralStart === 0 && scan.spectralEnd === 63
  if (!isWhole || scan.approxHigh !== 0 || scan.approxLow !== 0) return undefined
  const components = frame.components.map((component, index): BaselineComponent => ({
    ...component,
    ...scan.tables[index]!,
  }))
  const isValid = components.every(
    ({ dc, ac, quantTable }, index) =>
      scan.components[index] === index &&
      quantTables.has(quantTable) &&
      findHuffmanTable(headers, { isAc: false, id: dc }) !== undefined &&
      findHuffmanTable(headers, { isAc: true, id: ac }) !== undefined,
  )
  if (!isValid || !fitsMcu(frame)) return undefined
  return {
    frame,
    components,
    huffmanTables: [...huffmanTables.values()],
    quantTables,
    restartInterval,
    dataOffset: segment.end,
  }
}
