/** A BMP to write, with or without a file header. */
export interface BmpFile {
  /** Bytes of the information header. */
  readonly headerBytes: 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124
  readonly width: number
  readonly height: number
  readonly bits: number
  /** 0: none, 1: RLE of 8 bits, 2: of 4 bits, 3: masks, 6: masks with alpha. @default 0 */
  readonly compression?: number
  /** Red, green, blue and perhaps alpha: in the header, or behind one of 40 bytes. */
  readonly masks?: readonly number[]
  readonly palette?: readonly (readonly [number, number, number])[]
  /** Number of colours in the header. @default that of the palette, or 0 if it is full */
  readonly colours?: number
  readonly isTopDown?: boolean
  /** Bytes of the pixels. */
  readonly data: Uint8Array
  /** Embedded in a header of 124 bytes. */
  readonly icc?: Uint8Array
  /** Writes the file header of 14 bytes. @default true */
  readonly hasFileHeader?: boolean
}

const FILE_HEADER_BYTES = 14
const [SRGB, EMBEDDED] = [0x73524742, 0x4d424544]

/** Writes a BMP. (Microsoft, "Bitmap Storage") */
export function writeBmp(bmp: BmpFile): Buffer {
  const { headerBytes, masks = [], palette = [], data, icc, hasFileHeader = true } = bmp
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32LE(headerBytes)
  if (headerBytes === 12) writeCore(header, bmp)
  else writeInfo(header, bmp)
  const behind = headerBytes === 40 ? masks.map(toUint32) : []
  const colours = palette.map(([r, g, b]) => Buffer.from(headerBytes === 12 ? [b, g, r] : [b, g, r, 0]))
  const body = [header, ...behind, ...colours]
  const dataAt = FILE_HEADER_BYTES + body.reduce((sum, part) => sum + part.length, 0)
  if (icc !== undefined) {
    header.writeUInt32LE(dataAt - FILE_HEADER_BYTES + data.length, 112)
    header.writeUInt32LE(icc.length, 116)
  }
  const whole = Buffer.concat([...body, data, ...(icc === undefined ? [] : [icc])])
  if (!hasFileHeader) return whole
  const file = Buffer.alloc(FILE_HEADER_BYTES)
  file.write('BM', 'latin1')
  file.writeUInt32LE(FILE_HEADER_BYTES + whole.length, 2)
  file.writeUInt32LE(dataAt, 10)
  return Buffer.concat([file, whole])
}

function writeCore(header: Buffer, { width, height, bits }: BmpFile): void {
  header.writeUInt16LE(width, 4)
  header.writeUInt16LE(height, 6)
  header.writeUInt16LE(1, 8)
  header.writeUInt16LE(bits, 10)
}

function writeInfo(header: Buffer, bmp: BmpFile): void {
  const { headerBytes, width, height, bits, compression = 0, masks = [], palette = [], isTopDown, icc } = bmp
  header.writeInt32LE(width, 4)
  header.writeInt32LE(isTopDown === true ? -height : height, 8)
  header.writeUInt16LE(1, 12)
  header.writeUInt16LE(bits, 14)
  if (headerBytes === 16) return
  header.writeUInt32LE(compression, 16)
  header.writeUInt32LE(bmp.data.length, 20)
  header.writeUInt32LE(bmp.colours ?? (palette.length === 2 ** bits ? 0 : palette.length), 32)
  if (headerBytes > 40 && headerBytes !== 64)
    for (const [at, mask] of masks.entries())
      if (44 + 4 * at <= headerBytes) header.writeUInt32LE(mask, 40 + 4 * at)
  if (headerBytes < 108) return
  header.writeUInt32LE(icc === undefined ? SRGB : EMBEDDED, 56)
}

function toUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Packs values of a row, the first in the highest bits, and pads it to a multiple of bytes. */
export function packBits(values: readonly number[], bits: number, multiple: number): Buffer {
  const row = Buffer.alloc(Math.ceil(Math.ceil((values.length * bits) / 8) / multiple) * multiple)
  for (const [x, value] of values.entries()) {
    const at = x * bits
    row[at >> 3] = row[at >> 3]! | (value << (8 - bits - (at & 7)))
  }
  return row
}

/** Writes values of whole bytes, lowest first, and pads the row to a multiple of four. */
export function packBytes(values: readonly number[], bytes: number): Buffer {
  const row = Buffer.alloc(Math.ceil((values.length * bytes) / 4) * 4)
  for (const [x, value] of values.entries()) row.writeUIntLE(value, x * bytes, bytes)
  return row
}
