import { writeTiffFile, type SampleFormat, type TiffSpec } from './tiff-file.js'

/** Red, green, blue and alpha from 0 to 255. */
export type Rgba = readonly [number, number, number, number]

/** A generated TIFF and what has to come of it. */
export interface TiffCase {
  readonly name: string
  readonly bytes: Buffer
  readonly extension: 'tif'
  /** Colours of the quarters of the picture: top left, top right, bottom left, bottom right; or the reason of a refusal. */
  readonly expected: { readonly quarters: readonly Rgba[] } | { readonly refused: RegExp }
}

/** Odd sizes, so that blocks and bytes are cut off at the edges. */
const [WIDTH, HEIGHT] = [42, 22]

/** The ways to lay out the samples of a file. */
export interface Layout {
  readonly isPlanar: boolean
  readonly tile: number | undefined
  readonly isBigEndian: boolean
  readonly isBigTiff: boolean
  readonly compression: number
  readonly hasPredictor: boolean
  readonly fillOrder: 1 | 2
}

/** Returns another layout for each number. Each pair of two ways turns up within a hundred numbers. */
export function layoutOf(number: number): Layout {
  return {
    isPlanar: number % 2 === 1,
    tile: Math.floor(number / 2) % 2 === 1 ? 16 : undefined,
    isBigEndian: number % 3 === 1,
    isBigTiff: number % 5 === 2,
    compression: [1, 5, 8, 32773, 32946][number % 7] ?? 1,
    hasPredictor: number % 4 < 2,
    fillOrder: number % 11 === 3 ? 2 : 1,
  }
}

const quarterOf = (x: number, y: number): number => (x < WIDTH / 2 ? 0 : 1) + (y < HEIGHT / 2 ? 0 : 2)

/** The samples of a file, and their layout. */
export interface Kind {
  readonly photometric: number
  readonly bits: number
  readonly format: SampleFormat
  readonly extra: readonly number[]
  readonly layout: Layout
}

/** Returns the part of a name that tells the layout. */
export function nameOf(layout: Layout): string {
  const { isPlanar, tile, isBigEndian, isBigTiff, compression, hasPredictor, fillOrder } = layout
  return [
    isPlanar ? 'planar' : 'chunky',
    tile ? 'tiles' : 'strips',
    isBigEndian ? 'MM' : 'II',
    ...(isBigTiff ? ['big'] : []),
    `c${compression}`,
    ...(hasPredictor ? ['predictor'] : []),
    ...(fillOrder === 2 ? ['fillOrder2'] : []),
  ].join('-')
}

/** Writes a picture of four quarters, each of one colour. */
export function writeQuarters(
  { photometric, bits, format, extra, layout }: Kind,
  quarters: readonly (readonly number[])[],
  colourChannels: number,
  more: Partial<TiffSpec> = {},
): Buffer {
  const { tile, hasPredictor, compression, ...rest } = layout
  const isPredictable = compression !== 1 && compression !== 32773
  const predictor = format === 3 ? 3 : [8, 16, 32, 64].includes(bits) ? 2 : 1
  return writeTiffFile({
    width: WIDTH,
    height: HEIGHT,
    photometric,
    bits,
    format,
    channels: colourChannels + extra.length,
    pixel: (x, y) => quarters[quarterOf(x, y)] ?? [],
    ...(extra.length > 0 && { extra }),
    ...(tile !== undefined && { tile }),
    ...(hasPredictor && isPredictable && { predictor }),
    compression,
    ...rest,
    ...more,
  })
}
