/** A JPEG to write: every choice that its headers leave. */
export interface JpegSpec {
  readonly width: number
  readonly height: number
  /** Id and sampling factors of each component. */
  readonly components: readonly { readonly id: number; readonly h: number; readonly v: number }[]
  /** Data of the JFIF and Adobe segments. */
  readonly jfif?: Buffer | undefined
  readonly adobe?: Buffer | undefined
  /** MCUs between restart markers; 0 for none. */
  readonly restartInterval: number
  readonly isProgressive: boolean
  /** Marker of the frame. @default baseline or progressive */
  readonly frame?: number
  /** Bits of a sample. @default 8 */
  readonly precision?: 8 | 12
  /** Quantization tables of 16 bits. */
  readonly hasWideTables: boolean
  /** Huffman tables with all codes of one length; else each symbol has a length of its own. */
  readonly hasFlatCodes: boolean
  /** Fill bytes before each marker (ITU T.81, B.1.1.2). */
  readonly fill: number
  /** The height follows the first scan (ITU T.81, B.2.5). */
  readonly hasDnl: boolean
  /** Leaves out the EOI marker. */
  readonly isEndless?: boolean
}

type Component = JpegSpec['components'][number]

/** Symbols of both kinds of tables: sizes of DC differences; end of block, and one coefficient of one bit. */
const DC_SYMBOLS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
const AC_SYMBOLS = [0x00, 0x01]

/** Codes of a table by symbol: all of one length, or one of each length. */
function makeCodes(symbols: readonly number[], isFlat: boolean): Map<number, string> {
  const bits = Math.ceil(Math.log2(symbols.length + 1))
  return new Map(
    symbols.map((symbol, at) => [symbol, isFlat ? at.toString(2).padStart(bits, '0') : `${'1'.repeat(at)}0`]),
  )
}

/** Writes a JPEG of blocks that differ in brightness, some with one more coefficient. */
export function writeJpeg(spec: JpegSpec): Buffer {
  const { components, isProgressive, jfif, adobe, hasDnl, isEndless = false } = spec
  const frame = spec.frame ?? (isProgressive ? 0xc2 : 0xc0)
  const segment = (marker: number, data: Buffer) => writeSegment(marker, data, spec.fill)
  const all = components.map((_, index) => index)
  const isInterleaved = components.reduce((sum, { h, v }) => sum + h * v, 0) <= 10
  const groups = isInterleaved ? [all] : all.map((index) => [index])
  const scans = isProgressive
    ? [
        ...groups.map((group) => ({ group, from: 0, to: 0 })),
        ...all.map((index) => ({ group: [index], from: 1, to: 63 })),
      ]
    : groups.map((group) => ({ group, from: 0, to: 63 }))
  const height = Buffer.from([spec.height >> 8, spec.height & 255])
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...(jfif ? [segment(0xe0, jfif)] : []),
    ...(adobe ? [segment(0xee, adobe)] : []),
    segment(
      0xdb,
      Buffer.from([
        spec.hasWideTables ? 16 : 0,
        ...Array.from({ length: 64 }, () => (spec.hasWideTables ? [0, 8] : [8])).flat(),
      ]),
    ),
    segment(frame, frameHeader(spec)),
    segment(
      0xc4,
      Buffer.concat([huffmanTable(0x00, DC_SYMBOLS, spec), huffmanTable(0x10, AC_SYMBOLS, spec)]),
    ),
    ...(spec.restartInterval > 0 ? [segment(0xdd, Buffer.from([0, spec.restartInterval]))] : []),
    ...scans.flatMap(({ group, from, to }, index) => [
      segment(
        0xda,
        Buffer.from([group.length, ...group.flatMap((at) => [components[at]!.id, 0]), from, to, 0]),
      ),
      writeScan(spec, group, from, to),
      ...(hasDnl && index === 0 ? [segment(0xdc, height)] : []),
    ]),
    ...(isEndless ? [] : [Buffer.alloc(spec.fill, 0xff), Buffer.from([0xff, 0xd9])]),
  ])
}

function writeSegment(marker: number, data: Buffer, fill: number): Buffer {
  const length = data.length + 2
  return Buffer.concat([
    Buffer.alloc(fill, 0xff),
    Buffer.from([0xff, marker, length >> 8, length & 255]),
    data,
  ])
}

function frameHeader({ width, height, components, precision = 8, hasDnl }: JpegSpec): Buffer {
  const written = hasDnl ? 0 : height
  return Buffer.from([
    precision,
    written >> 8,
    written & 255,
    width >> 8,
    width & 255,
    components.length,
    ...components.flatMap(({ id, h, v }) => [id, (h << 4) | v, 0]),
  ])
}

function huffmanTable(id: number, symbols: readonly number[], { hasFlatCodes }: JpegSpec): Buffer {
  const lengths = [...makeCodes(symbols, hasFlatCodes).values()].map((code) => code.length)
  const counts = Array.from({ length: 16 }, (_, at) => lengths.filter((length) => length === at + 1).length)
  return Buffer.from([id, ...counts, ...symbols])
}

/** Brightness of a block, in steps of its quantization table: -60 to 60, in no order. */
function dcOf(component: number, x: number, y: number): number {
  return ((x * 37 + y * 91 + component * 53 + x * y * 7) % 121) - 60
}

function hasCoefficient(component: number, x: number, y: number): boolean {
  return (x + 2 * y + component) % 3 === 0
}

function writeScan(spec: JpegSpec, group: readonly number[], from: number, to: number): Buffer {
  const { components, restartInterval } = spec
  const [dcCodes, acCodes] = [DC_SYMBOLS, AC_SYMBOLS].map((symbols) => makeCodes(symbols, spec.hasFlatCodes))
  const parts: Buffer[] = []
  let bits = ''
  let predictions = components.map(() => 0)
  let count = 0
  for (const mcu of mcusOf(spec, group)) {
    if (restartInterval > 0 && count > 0 && count % restartInterval === 0) {
      parts.push(toBytes(bits), Buffer.from([0xff, 0xd0 + ((count / restartInterval - 1) % 8)]))
      bits = ''
      predictions = components.map(() => 0)
    }
    for (const { component, x, y } of mcu) {
      if (from === 0) {
        const value = dcOf(component, x, y)
        const difference = value - predictions[component]!
        predictions[component] = value
        const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1
        const code = difference < 0 ? difference + 2 ** size - 1 : difference
        bits += dcCodes!.get(size)! + (size === 0 ? '' : code.toString(2).padStart(size, '0'))
      }
      if (to > 0) bits += (hasCoefficient(component, x, y) ? `${acCodes!.get(1)!}1` : '') + acCodes!.get(0)!
    }
    count++
  }
  return Buffer.concat([...parts, toBytes(bits)])
}

/** Returns the blocks of each MCU of a scan (ITU T.81, A.2). */
function* mcusOf(
  { width, height, components }: JpegSpec,
  group: readonly number[],
): Generator<{ component: number; x: number; y: number }[]> {
  const maxH = Math.max(...components.map(({ h }) => h))
  const maxV = Math.max(...components.map(({ v }) => v))
  const [only] = group
  const one: Component | undefined = group.length === 1 ? components[only!] : undefined
  const across = Math.ceil(one ? Math.ceil((width * one.h) / maxH) / 8 : width / (8 * maxH))
  const down = Math.ceil(one ? Math.ceil((height * one.v) / maxV) / 8 : height / (8 * maxV))
  for (let row = 0; row < down; row++) {
    for (let column = 0; column < across; column++) {
      yield one
        ? [{ component: only!, x: column, y: row }]
        : group.flatMap((component) => blocksOf(components, component, column, row))
    }
  }
}

function blocksOf(components: JpegSpec['components'], component: number, column: number, row: number) {
  const { h, v } = components[component]!
  return Array.from({ length: h * v }, (_, at) => ({
    component,
    x: column * h + (at % h),
    y: row * v + Math.floor(at / h),
  }))
}

/** Pads with ones, and stuffs a zero byte behind each 0xFF (ITU T.81, B.1.1.5). */
function toBytes(bits: string): Buffer {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1')
  const bytes = (padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  return Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])))
}
