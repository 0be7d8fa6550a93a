import { deflateSync, crc32 } from 'node:zlib'
import { packBits, packBytes, writeBmp } from './bmp-file.js'
import { createPixels, drawPattern, type GeneratedPixels } from './pattern.js'
import type { RGBA } from './types.js'

/** A picture of an icon, and its pixels. */
interface Picture {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly bytes: Buffer
  readonly at: (x: number, y: number) => RGBA
}

/** Pixels that the mask makes transparent. */
function isMasked(x: number, y: number): boolean {
  return (x + 2 * y) % 5 === 0
}

const PALETTE_COLOURS = 4

/** A picture without a file header, twice as high, with a mask below the colours. */
function bmpPicture(
  width: number,
  height: number,
  bits: number,
  alpha: 'own' | 'none' | 'empty' = 'own',
): Picture {
  const palette = Array.from(
    { length: bits > 8 ? 0 : Math.min(2 ** bits, PALETTE_COLOURS) },
    (_, at) => [at * 60, 255 - at * 60, 30] as const,
  )
  const colourAt = (x: number, y: number): RGBA => {
    const [r, g, b, a] = drawPattern(x, y, width, height)
    const hasOwn = bits === 32 && alpha === 'own'
    const shown = hasOwn ? a : isMasked(x, y) ? 0 : 255
    return bits > 8 ? [r, g, b, shown] : [...palette[(x + y) % palette.length]!, shown]
  }
  const rows = Array.from({ length: height }, (_, fromBelow) => {
    const y = height - 1 - fromBelow
    if (bits <= 8)
      return packBits(
        Array.from({ length: width }, (_value, x) => (x + y) % palette.length),
        bits,
        4,
      )
    return packBytes(
      Array.from({ length: width }, (_value, x) => {
        const [r, g, b, a] = drawPattern(x, y, width, height)
        const high = bits === 32 && alpha === 'own' ? a : 0
        return b + g * 256 + r * 65_536 + high * 2 ** 24
      }),
      bits / 8,
    )
  })
  const mask = Array.from({ length: height }, (_, fromBelow) =>
    packBits(
      Array.from({ length: width }, (_value, x) => Number(isMasked(x, height - 1 - fromBelow))),
      1,
      4,
    ),
  )
  const data = Buffer.concat([...rows, ...(alpha === 'none' ? [] : mask)])
  const bytes = writeBmp({
    headerBytes: 40,
    width,
    height: height * 2,
    bits,
    palette,
    data,
    hasFileHeader: false,
  })
  return { width, height, bits, bytes, at: colourAt }
}

function pngPicture(width: number, height: number): Picture {
  const at = (x: number, y: number) => drawPattern(x, y, width, height)
  const { rgba } = createPixels(width, height, at)
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.of(0), rgba.subarray(y * width * 4, (y + 1) * width * 4)]),
  )
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([8, 6], 8)
  const bytes = Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ])
  return { width, height, bits: 32, bytes, at }
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** Writes an ICO (kind 1) or CUR (kind 2, with a hot spot in place of planes and bits). */
function writeIcon(kind: 1 | 2, pictures: readonly Picture[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length)
  head.writeUInt16LE(kind, 2)
  head.writeUInt16LE(pictures.length, 4)
  let offset = head.length
  for (const [index, { width, height, bits, bytes }] of pictures.entries()) {
    const at = 6 + 16 * index
    head[at] = width % 256
    head[at + 1] = height % 256
    head.writeUInt16LE(kind === 1 ? 1 : 3, at + 4)
    head.writeUInt16LE(kind === 1 ? bits : 4, at + 6)
    head.writeUInt32LE(bytes.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += bytes.length
  }
  return Buffer.concat([head, ...pictures.map(({ bytes }) => bytes)])
}

/** Generates icons and cursors of all depths, with PNGs, masks and alpha, and with several pictures. */
export function* icons(): Generator<GeneratedPixels> {
  for (const extension of ['ico', 'cur'] as const) {
    for (const bits of [1, 4, 8, 24, 32])
      yield makeIcon(`${bits} bits`, extension, [bmpPicture(17, 11, bits)])
    yield makeIcon('empty alpha', extension, [bmpPicture(16, 16, 32, 'empty')])
    yield makeIcon('PNG', extension, [pngPicture(24, 20)])
    yield makeIcon('several', extension, [
      bmpPicture(16, 16, 4),
      bmpPicture(32, 32, 32),
      bmpPicture(24, 24, 24),
    ])
    yield makeIcon('PNG among others', extension, [
      bmpPicture(16, 16, 8),
      pngPicture(48, 48),
      bmpPicture(32, 32, 24),
    ])
    yield makeIcon('most bits', extension, [
      bmpPicture(16, 16, 4),
      bmpPicture(16, 16, 32),
      bmpPicture(16, 16, 8),
    ])
    yield makeIcon('256 pixels', extension, [pngPicture(256, 256), bmpPicture(16, 16, 8)])
  }
}

function makeIcon(name: string, extension: 'ico' | 'cur', pictures: readonly Picture[]): GeneratedPixels {
  const [largest] = pictures.toSorted((a, b) => b.width * b.height - a.width * a.height || b.bits - a.bits)
  const { width, height, at } = largest!
  const bytes = writeIcon(extension === 'ico' ? 1 : 2, pictures)
  return { name: `${name}, ${extension}`, bytes, extension, expected: createPixels(width, height, at) }
}
