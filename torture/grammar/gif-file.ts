/** RGB, three bytes per colour. */
export type Palette = readonly (readonly [number, number, number])[]

export interface GifFrame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Indices into the palette, row by row. */
  readonly pixels: Uint8Array
  /** Hundredths of a second. */
  readonly delay: number
  /** 0 and 1: keep; 2: restore to background; 3, and 4 in old files: restore to previous; browsers keep for 5 to 7. */
  readonly disposal: number
  /** Transparent index. */
  readonly transparent?: number
  readonly palette?: Palette
  readonly interlaced?: boolean
}

export interface Gif {
  readonly width: number
  readonly height: number
  readonly palette?: Palette
  readonly background?: number
  /** The count of the NETSCAPE2.0 extension; absent if undefined. */
  readonly loop?: number
  readonly frames: readonly GifFrame[]
}

/** Writes a GIF byte by byte (GIF89a specification). */
export function writeGif({ width, height, palette, background = 0, loop, frames }: Gif): Buffer {
  const parts = [Buffer.from('GIF89a'), words(width, height)]
  parts.push(Buffer.from([palette === undefined ? 0x70 : 0xf0 | tableBits(palette), background, 0]))
  if (palette !== undefined) parts.push(table(palette))
  if (loop !== undefined)
    parts.push(Buffer.from('\x21\xff\x0bNETSCAPE2.0\x03\x01', 'latin1'), words(loop), Buffer.from([0]))
  for (const frame of frames) parts.push(...writeFrame(frame, palette))
  return Buffer.concat([...parts, Buffer.from([0x3b])])
}

function writeFrame(frame: GifFrame, shared: Palette | undefined): Buffer[] {
  const { left, top, width, height, delay, disposal, transparent, palette, interlaced = false } = frame
  const rows = Array.from({ length: height }, (_, y) => frame.pixels.subarray(y * width, (y + 1) * width))
  const order = interlaced ? INTERLACE.flatMap(([from, step]) => every(rows, from, step)) : rows
  const colours = palette ?? shared ?? []
  return [
    Buffer.from([0x21, 0xf9, 4, (disposal << 2) | (transparent === undefined ? 0 : 1)]),
    words(delay),
    Buffer.from([transparent ?? 0, 0, 0x2c]),
    words(left, top, width, height),
    Buffer.from([(palette === undefined ? 0 : 0x80 | tableBits(palette)) | (interlaced ? 0x40 : 0)]),
    ...(palette === undefined ? [] : [table(palette)]),
    compress(Buffer.concat(order), Math.max(2, tableBits(colours) + 1)),
  ]
}

/** First row and step of the four passes (GIF89a, appendix E). */
const INTERLACE = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const

function every<T>(items: readonly T[], from: number, step: number): T[] {
  return items.filter((_, at) => at >= from && (at - from) % step === 0)
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [at, value] of values.entries()) bytes.writeUInt16LE(value, at * 2)
  return bytes
}

/** Returns the size field of a colour table: it has 2 ** (bits + 1) entries. */
function tableBits(palette: Palette): number {
  return Math.max(0, Math.ceil(Math.log2(palette.length)) - 1)
}

function table(palette: Palette): Buffer {
  const bytes = Buffer.alloc(3 * 2 ** (tableBits(palette) + 1))
  bytes.set(palette.flat())
  return bytes
}

/** Compresses indices by LZW, in sub-blocks (GIF89a, appendix F). */
function compress(indices: Uint8Array, minBits: number): Buffer {
  const [clear, end] = [1 << minBits, (1 << minBits) + 1]
  const bytes: number[] = []
  let [bits, count, size] = [0, 0, minBits + 1]
  const put = (code: number) => {
    bits |= code << count
    for (count += size; count >= 8; count -= 8) {
      bytes.push(bits & 255)
      bits >>>= 8
    }
  }
  let codes = new Map<number, number>()
  put(clear)
  let prefix = -1
  for (const index of indices) {
    const key = prefix * 256 + index
    const known = codes.get(key)
    if (prefix < 0) prefix = index
    else if (known !== undefined) prefix = known
    else {
      put(prefix)
      const next = end + 1 + codes.size
      if (next < 4096) codes.set(key, next)
      if (next === 1 << size && size < 12) size++
      if (next >= 4096) {
        put(clear)
        codes = new Map()
        size = minBits + 1
      }
      prefix = index
    }
  }
  if (prefix >= 0) put(prefix)
  // The decoder adds one more code before it reads the end.
  if (end + 1 + codes.size === 1 << size && size < 12) size++
  put(end)
  if (count > 0) bytes.push(bits & 255)
  const blocks = [Buffer.from([minBits])]
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.slice(at, at + 255)
    blocks.push(Buffer.from([block.length, ...block]))
  }
  return Buffer.concat([...blocks, Buffer.from([0])])
}
