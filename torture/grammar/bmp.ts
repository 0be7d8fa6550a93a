import { DISPLAY_P3, makeRgbProfile, SRGB_CURVE } from '../../test/support/profiles.js'
import { packBits, packBytes, writeBmp, type BmpFile } from './bmp-file.js'
import { createPixels, drawPattern, type GeneratedPixels, type PixelAt } from './pattern.js'
import type { RGBA } from './types.js'

const WIDTH = 13
const HEIGHT = 9

/** Colours of a palette: as many as the bits can tell, and all different. */
function makePalette(count: number): (readonly [number, number, number])[] {
  return Array.from({ length: count }, (_, at) => {
    const step = Math.round((at * 255) / Math.max(1, count - 1))
    return [step, 255 - step, (at * 67) % 256] as const
  })
}

/** A row of indices or pixel values, top row first. */
type Values = readonly (readonly number[])[]

function indicesOf(count: number): Values {
  return Array.from({ length: HEIGHT }, (_, y) =>
    Array.from({ length: WIDTH }, (_value, x) => (x * 5 + y * 3 + (x > 7 ? y : 0)) % count),
  )
}

/** Generates BMPs of all headers, depths, masks, RLE and orders of rows. */
export function* bmps(): Generator<GeneratedPixels> {
  yield* indexed()
  yield* coloured()
  yield* compressed()
}

function* indexed(): Generator<GeneratedPixels> {
  for (const bits of [1, 2, 4, 8]) {
    for (const headerBytes of [12, 16, 40, 52, 56, 64, 108, 124] as const) {
      for (const isTopDown of headerBytes < 40 || headerBytes === 64 ? [false] : [false, true]) {
        for (const count of headerBytes < 40 ? [2 ** bits] : [2 ** bits, Math.ceil(2 ** bits * 0.6)]) {
          const palette = makePalette(count)
          const values = indicesOf(count)
          const rows = values.map((row) => packBits(row, bits, 4))
          const name = `${bits} bits, header ${headerBytes}, ${count} colours${isTopDown ? ', top down' : ''}`
          const file = { headerBytes, bits, palette, isTopDown }
          yield makeFile(name, file, rows, (x, y) => [...palette[values[y]![x]!]!, 255])
        }
      }
    }
  }
}

/** Masks by name. */
const MASKS: readonly (readonly [name: string, bits: 16 | 32, masks: readonly number[]])[] = [
  ['565', 16, [0xf800, 0x07e0, 0x001f]],
  ['555', 16, [0x7c00, 0x03e0, 0x001f]],
  ['bgr 565', 16, [0x001f, 0x07e0, 0xf800]],
  ['4444', 16, [0x0f00, 0x00f0, 0x000f, 0xf000]],
  ['1555', 16, [0x7c00, 0x03e0, 0x001f, 0x8000]],
  ['8880', 32, [0xff0000, 0x00ff00, 0x0000ff]],
  ['rgb in the high bytes', 32, [0xff000000, 0x00ff0000, 0x0000ff00]],
  ['8888', 32, [0x00ff0000, 0x0000ff00, 0x000000ff, 0xff000000]],
  ['rgba', 32, [0xff000000, 0x00ff0000, 0x0000ff00, 0x000000ff]],
  ['10 bits', 32, [0x3ff00000, 0x000ffc00, 0x000003ff]],
  ['10 bits with alpha', 32, [0x3ff00000, 0x000ffc00, 0x000003ff, 0xc0000000]],
]

function* coloured(): Generator<GeneratedPixels> {
  const plain: readonly (readonly [bits: number, masks: readonly number[]])[] = [
    [16, [0x7c00, 0x03e0, 0x001f]],
    [24, [0xff0000, 0x00ff00, 0x0000ff]],
    [32, [0xff0000, 0x00ff00, 0x0000ff]],
  ]
  for (const [bits, masks] of plain)
    for (const headerBytes of [12, 16, 40, 108, 124] as const)
      for (const isTopDown of headerBytes < 40 ? [false] : [false, true]) {
        if (headerBytes < 40 && bits !== 24) continue
        yield colour(`${bits} bits, header ${headerBytes}`, { headerBytes, bits, isTopDown }, masks)
      }
  // The fourth byte means nothing without a mask.
  const spare = [0xff0000, 0x00ff00, 0x0000ff, 0xff000000]
  for (const headerBytes of [40, 108] as const) {
    const file = colour(`spare byte, header ${headerBytes}`, { headerBytes, bits: 32 }, spare)
    for (let at = 3; at < file.expected.rgba.length; at += 4) file.expected.rgba[at] = 255
    yield file
  }
  for (const [name, bits, masks] of MASKS)
    for (const headerBytes of [40, 52, 56, 108, 124] as const) {
      const hasRoom = masks.length === 3 || headerBytes >= 56
      if (!hasRoom) continue
      yield colour(`${name}, header ${headerBytes}`, { headerBytes, bits, compression: 3, masks }, masks)
    }
  for (const [name, bits, masks] of MASKS)
    if (masks.length === 4)
      yield colour(`${name} behind a header of 40`, { headerBytes: 40, bits, compression: 6, masks }, masks)
  const { icc } = makeRgbProfile(DISPLAY_P3, SRGB_CURVE)
  const masks = [0xff0000, 0x00ff00, 0x0000ff]
  // Colours are those of the profile: only grey has the same numbers in sRGB.
  yield colour('profile', { headerBytes: 124, bits: 24, icc }, masks, true)
}

/** A file of the pattern, in the levels that its masks can tell. */
function colour(
  name: string,
  file: Pick<BmpFile, 'headerBytes' | 'bits' | 'compression' | 'masks' | 'isTopDown' | 'icc'>,
  masks: readonly number[],
  isGrey = false,
): GeneratedPixels {
  const levels = masks.map((mask) => ({ max: mask / lowestBit(mask), shift: Math.log2(lowestBit(mask)) }))
  const level = (x: number, y: number, channel: number) => {
    const pixel = drawPattern(x, y, WIDTH, HEIGHT)
    return Math.round((pixel[isGrey ? 0 : channel]! / 255) * levels[channel]!.max)
  }
  const rows = Array.from({ length: HEIGHT }, (_, y) => {
    const values = Array.from({ length: WIDTH }, (_value, x) =>
      levels.reduce((sum, { shift }, channel) => sum + level(x, y, channel) * 2 ** shift, 0),
    )
    return packBytes(values, file.bits / 8)
  })
  return makeFile(`${name}${file.isTopDown === true ? ', top down' : ''}`, file, rows, (x, y) => {
    const scaled = levels.map(({ max }, channel) => Math.round((level(x, y, channel) * 255) / max))
    return [scaled[0]!, scaled[1]!, scaled[2]!, scaled[3] ?? 255]
  })
}

function lowestBit(mask: number): number {
  let bit = 1
  while (Math.floor(mask / bit) % 2 === 0) bit *= 2
  return bit
}

function makeFile(
  name: string,
  file: Omit<BmpFile, 'width' | 'height' | 'data'>,
  rows: readonly Buffer[],
  expected: PixelAt,
): GeneratedPixels {
  const data = Buffer.concat(file.isTopDown === true ? rows : rows.toReversed())
  const bytes = writeBmp({ ...file, width: WIDTH, height: HEIGHT, data })
  return { name, bytes, extension: 'bmp', expected: createPixels(WIDTH, HEIGHT, expected) }
}

/** A way to write the rows of an RLE picture, from the lowest on, and the pixels that it skips. */
interface Rle {
  readonly write: (rows: Values, bits: 4 | 8) => number[]
  readonly isSkipped?: (x: number, y: number) => boolean
}

/** Writes some indices as such. Two at least: fewer are codes. */
function absolute(values: readonly number[], bits: 4 | 8): number[] {
  const data = [...packBits(values, bits, 2)]
  return [0, values.length, ...data]
}

function run(count: number, value: number, bits: 4 | 8): number[] {
  return [count, bits === 8 ? value : value * 17]
}

const RLE: Readonly<Record<string, Rle>> = {
  runs: {
    write: (rows, bits) => [
      ...rows.flatMap((row) => [...row.flatMap((value) => run(1, value, bits)), 0, 0]),
      0,
      1,
    ],
  },
  'without an end': {
    write: (rows, bits) => rows.flatMap((row) => [...row.flatMap((value) => run(1, value, bits)), 0, 0]),
  },
  'plain indices': {
    write: (rows, bits) => [...rows.flatMap((row) => [...absolute(row, bits), 0, 0]), 0, 1],
  },
  mixed: {
    write: (rows, bits) => [
      ...rows.flatMap((row) => [
        ...run(1, row[0]!, bits),
        ...absolute(row.slice(1, 8), bits),
        ...absolute(row.slice(8), bits),
        0,
        0,
      ]),
      0,
      1,
    ],
  },
  'a jump': {
    // From the third pixel of the second row up by two and right by four.
    write: (rows, bits) => [
      ...absolute(rows[0]!, bits),
      0,
      0,
      ...absolute(rows[1]!.slice(0, 3), bits),
      0,
      2,
      4,
      2,
      ...absolute(rows[3]!.slice(7), bits),
      0,
      0,
      ...rows.slice(4).flatMap((row) => [...absolute(row, bits), 0, 0]),
      0,
      1,
    ],
    isSkipped: (x, y) => {
      const row = HEIGHT - 1 - y
      return (row === 1 && x >= 3) || row === 2 || (row === 3 && x < 7)
    },
  },
  'an early end': {
    write: (rows, bits) => [...rows.slice(0, 4).flatMap((row) => [...absolute(row, bits), 0, 0]), 0, 1],
    isSkipped: (_x, y) => HEIGHT - 1 - y >= 4,
  },
  'too long rows': {
    write: (rows, bits) => [
      ...rows.flatMap((row) => [...absolute(row, bits), ...run(5, 1, bits), 0, 0]),
      0,
      1,
    ],
  },
}

function* compressed(): Generator<GeneratedPixels> {
  for (const bits of [8, 4] as const) {
    const palette = makePalette(2 ** bits)
    const values = indicesOf(2 ** bits)
    for (const [name, { write, isSkipped }] of Object.entries(RLE)) {
      for (const headerBytes of [40, 64, 124] as const) {
        const data = Buffer.from(write(values.toReversed(), bits))
        const compression = bits === 8 ? 1 : 2
        const file: BmpFile = { headerBytes, width: WIDTH, height: HEIGHT, bits, palette, compression, data }
        const expected = (x: number, y: number): RGBA =>
          isSkipped?.(x, y) === true ? [...palette[0]!, 255] : [...palette[values[y]![x]!]!, 255]
        yield {
          name: `RLE of ${bits} bits, ${name}, header ${headerBytes}`,
          bytes: writeBmp(file),
          extension: 'bmp',
          expected: createPixels(WIDTH, HEIGHT, expected),
        }
      }
    }
  }
}
