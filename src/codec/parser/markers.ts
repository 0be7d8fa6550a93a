/** Frame header: the size and the components of a JPEG (ITU T.81, B.2.2). */
export interface JpegFrame {
  readonly width: number
  readonly height: number
  readonly components: readonly JpegComponent[]
  /** Largest sampling factors of all components (libjpeg's `max_h_samp_factor` and `max_v_samp_factor`). */
  readonly maxHSampling: number
  readonly maxVSampling: number
}

/** One of a JPEG's colour planes. */
export interface JpegComponent {
  readonly id: number
  /** Sampling factors across and down, 1 to 4: the blocks that it has in an MCU. */
  readonly hSampling: number
  readonly vSampling: number
  /** Id of its quantization table. */
  readonly quantTable: number
}

/** Huffman table as it stands in a DHT segment: 16 counts of codes by length, then their symbols. */
export interface HuffmanTable {
  readonly isAc: boolean
  readonly id: number
  readonly codes: Uint8Array
}

/** Scan header: the coefficients and bits that a scan holds (ITU T.81, B.2.3: Ss, Se, Ah and Al). */
export interface JpegScan {
  /** Indices of its components in the frame. */
  readonly components: readonly number[]
  readonly spectralStart: number
  readonly spectralEnd: number
  /** The lowest bit of earlier scans; 0 in the first scan of these coefficients. */
  readonly approxHigh: number
  readonly approxLow: number
  /** Ids of the Huffman tables of each component. */
  readonly tables: readonly { readonly dc: number; readonly ac: number }[]
}

const SOI = 0xd8
export const BASELINE = 0xc0
export const PROGRESSIVE = 0xc2
const DHT = 0xc4
const RST0 = 0xd0
const RST7 = 0xd7
export const DQT = 0xdb
const DRI = 0xdd
const COM = 0xfe
export const EOI = 0xd9
export const SOS = 0xda
const SUPPORTED: ReadonlySet<number> = new Set([BASELINE, PROGRESSIVE, DHT, DQT, DRI, SOS, COM])

/** A marker with its segment, from `start` to `end` in the file. */
export interface Segment {
  readonly marker: number
  readonly start: number
  readonly end: number
}

/** Returns true if a file begins with an SOI marker. */
export function startsWithSoi(file: Buffer): boolean {
  return file[0] === 0xff && file[1] === SOI
}

/** Returns the segment at an offset; undefined if there is none, or its marker is not supported. */
export function readSegment(file: Buffer, start: number): Segment | undefined {
  const marker = file[start + 1]
  if (file[start] !== 0xff || marker === undefined) return undefined
  if (marker === EOI) return { marker, start, end: start + 2 }
  if (!isSupported(marker) || start + 4 > file.length) return undefined
  const end = start + 2 + file.readUInt16BE(start + 2)
  return end < start + 4 || end > file.length ? undefined : { marker, start, end }
}

/** Returns false for markers of rare kinds of JPEG: arithmetic coding, DNL, hierarchical files. */
function isSupported(marker: number): boolean {
  return SUPPORTED.has(marker) || isApp(marker)
}

function isApp(marker: number): boolean {
  return marker >= 0xe0 && marker <= 0xef
}

export function isHuffmanTables({ marker }: Segment): boolean {
  return marker === DHT
}

export function isRestartInterval({ marker }: Segment): boolean {
  return marker === DRI
}

/** Returns true for quantization tables and metadata, which are allowed only before the first scan. */
export function isBeforeScans({ marker }: Segment): boolean {
  return marker === DQT || marker === COM || isApp(marker)
}

/** Reads a frame header of 8 bits a sample; returns undefined if it is invalid or not supported. */
export function readFrameHeader(file: Buffer, { start, end }: Segment): JpegFrame | undefined {
  const count = file[start + 9]
  if (count !== 1 && count !== 3 && count !== 4) return undefined
  if (end !== start + 10 + count * 3 || file[start + 4] !== 8) return undefined
  const height = file.readUInt16BE(start + 5)
  const width = file.readUInt16BE(start + 7)
  const components: JpegComponent[] = []
  for (let at = start + 10; at < end; at += 3) {
    const [id, sampling, quantTable] = [file[at]!, file[at + 1]!, file[at + 2]!]
    components.push({ id, hSampling: sampling >> 4, vSampling: sampling & 15, quantTable })
  }
  const isValid =
    // A height of 0 is followed by a DNL marker, which is not supported.
    width > 0 &&
    height > 0 &&
    new Set(components.map(({ id }) => id)).size === count &&
    components.every(({ hSampling, vSampling }) => isSamplingFactor(hSampling) && isSamplingFactor(vSampling))
  if (!isValid) return undefined
  // The sampling factors of a single component have no effect (ITU T.81, A.2.2).
  if (count === 1) {
    const grey = { ...components[0]!, hSampling: 1, vSampling: 1 }
    return { width, height, components: [grey], maxHSampling: 1, maxVSampling: 1 }
  }
  const maxHSampling = Math.max(...components.map(({ hSampling }) => hSampling))
  const maxVSampling = Math.max(...components.map(({ vSampling }) => vSampling))
  return { width, height, components, maxHSampling, maxVSampling }
}

function isSamplingFactor(value: number): boolean {
  return value >= 1 && value <= 4
}

/** Reads a scan header; returns undefined if it is invalid. */
export function readScanHeader(
  file: Buffer,
  { start, end }: Segment,
  frame: JpegFrame,
): JpegScan | undefined {
  const count = file[start + 4] ?? 0
  if (count < 1 || count > 4 || end !== start + 8 + count * 2) return undefined
  const components = Array.from({ length: count }, (_, index) =>
    frame.components.findIndex(({ id }) => id === file[start + 5 + index * 2]),
  )
  if (components.includes(-1) || new Set(components).size !== count) return undefined
  const [spectralStart, spectralEnd, approximation] = file.subarray(end - 3, end)
  return {
    components,
    spectralStart: spectralStart!,
    spectralEnd: spectralEnd!,
    approxHigh: approximation! >> 4,
    approxLow: approximation! & 15,
    tables: components.map((_, index) => {
      const ids = file[start + 6 + index * 2]!
      return { dc: ids >> 4, ac: ids & 15 }
    }),
  }
}

/** Reads the restart interval in MCUs; returns undefined if the segment is invalid. */
export function readRestartInterval(file: Buffer, { start, end }: Segment): number | undefined {
  return end === start + 6 ? file.readUInt16BE(start + 4) : undefined
}

/** Reads the Huffman tables of a DHT segment; returns undefined if one is invalid. */
export function readHuffmanTables(
  file: Buffer,
  { start, end }: Segment,
): readonly HuffmanTable[] | undefined {
  const tables: HuffmanTable[] = []
  let at = start + 4
  while (at < end) {
    const counts = file.subarray(at + 1, at + 17)
    const [tableClass, id] = [file[at]! >> 4, file[at]! & 15]
    const symbols = counts.reduce((sum, count) => sum + count, 0)
    const codes = file.subarray(at + 1, at + 17 + symbols)
    at += 17 + symbols
    if (tableClass > 1 || id > 3 || symbols > 256 || at > end || !isPrefixCode(counts)) return undefined
    tables.push({ isAc: tableClass === 1, id, codes })
  }
  return tables
}

/** Returns true if there are enough codes of each length, without the code of ones only (ITU T.81, C.2). */
function isPrefixCode(counts: Uint8Array): boolean {
  let free = 1
  return counts.every((count) => {
    free = free * 2 - count
    return free > 0
  })
}

/**
 * Returns the end offset of a scan's data. Returns undefined if the file ends first, or if its restart markers are not in
 * order or not as many as given.
 */
export function findScanEnd(file: Buffer, start: number, restarts: number): number | undefined {
  let found = 0
  // Buffer.indexOf is the fastest way to find a byte: a third of a millisecond for 2 MB.
  for (let at = file.indexOf(0xff, start); at >= 0; at = file.indexOf(0xff, at + 2)) {
    const next = file[at + 1]
    if (next === 0) continue
    if (next === undefined || next === 0xff) return undefined
    if (next < RST0 || next > RST7) return found === restarts ? at : undefined
    if (next !== RST0 + (found % 8)) return undefined
    found++
  }
  return undefined
}
