import { crc32, deflateSync } from 'node:zlib'
import {
  DISPLAY_P3,
  makeGreyProfile,
  makeRgbProfile,
  SRGB_CURVE,
  type Profile,
} from '../../test/support/profiles.js'
import type { GeneratedPicture, RGBA } from './types.js'

/** A colour type, depth and colour of pixels. (PNG, third edition, sections 11.2.1 and 11.3.1.1) */
interface Pixels {
  readonly name: string
  readonly type: 0 | 2 | 3 | 4 | 6
  readonly depth: 1 | 2 | 4 | 8 | 16
  /** Samples of each pixel. */
  readonly samples: readonly number[]
  /** PLTE and tRNS. */
  readonly chunks: readonly Chunk[]
  /** The colour from 0 to 1, and its alpha. */
  readonly colour: readonly number[]
  readonly alpha: number
}

/** Chunks about colours, and the profile that they mean. */
interface Colours {
  readonly name: string
  readonly chunks: (isGrey: boolean) => readonly Chunk[]
  readonly meaning: 'sRGB' | { readonly rgb: Profile; readonly grey: Profile }
}

type Chunk = readonly [type: string, data: Buffer]

const WIDTH = 9
const HEIGHT = 5
const COLOUR = [200, 110, 90] as const

/** Generates PNG files of all colour types, depths, tRNS, interlacing and chunks about colours, and of HDR. */
export function* pngs(): Generator<GeneratedPicture & { readonly extension: 'png' }> {
  for (const pixels of allPixels()) {
    for (const colours of allColours()) {
      for (const interlaced of [false, true]) {
        const chunks = [...colours.chunks(isGrey(pixels)), ...pixels.chunks]
        yield {
          name: `${pixels.name}, ${colours.name}${interlaced ? ', interlaced' : ''}`,
          bytes: makePng(pixels, chunks, interlaced),
          extension: 'png',
          expected: expectedOf(pixels, colours),
        }
      }
    }
  }
  for (const [name, chunks, expected] of HDR) {
    yield { name, bytes: makePng(rgb(8), chunks, false), extension: 'png', expected }
  }
}

/** As Chromium 156 shows them on a screen of sRGB. */
const HDR: readonly (readonly [name: string, chunks: readonly Chunk[], expected: RGBA])[] = [
  ['PQ in BT.709', [cicp(1, 16)], [255, 64, 40, 255]],
  ['PQ in BT.2100', [cicp(9, 16)], [255, 0, 0, 255]],
  ['HLG in BT.709', [cicp(1, 18)], [188, 89, 73, 255]],
  ['HLG in BT.2100', [cicp(9, 18)], [230, 63, 67, 255]],
]

function* allPixels(): Generator<Pixels> {
  for (const depth of [1, 2, 4, 8, 16] as const) {
    const max = 2 ** depth - 1
    const value = Math.ceil(max / 2)
    const grey = { type: 0, depth, samples: [value], chunks: [], colour: [value / max], alpha: 255 } as const
    yield { ...grey, name: `grey ${depth}` }
    yield { ...grey, name: `grey ${depth}, transparent`, chunks: [['tRNS', words(value)]], alpha: 0 }
    yield { ...grey, name: `grey ${depth}, other transparent`, chunks: [['tRNS', words(value - 1)]] }
    if (depth !== 16) yield* indexed(depth)
  }
  for (const depth of [8, 16] as const) {
    const max = 2 ** depth - 1
    const half = Math.ceil(max / 2)
    const opaque = rgb(depth)
    const [red = 0, green = 0, blue = 0] = opaque.samples
    yield opaque
    yield {
      ...opaque,
      name: `rgb ${depth}, transparent`,
      chunks: [['tRNS', words(red, green, blue)]],
      alpha: 0,
    }
    yield {
      ...opaque,
      name: `rgb ${depth}, other transparent`,
      chunks: [['tRNS', words(red, green, blue - 1)]],
    }
    yield { ...opaque, name: `rgba ${depth}`, type: 6, samples: [...opaque.samples, half], alpha: 128 }
    yield {
      ...opaque,
      name: `grey-alpha ${depth}`,
      type: 4,
      samples: [half, half],
      colour: [half / max],
      alpha: 128,
    }
  }
}

function rgb(depth: 8 | 16): Pixels {
  const samples = COLOUR.map((value) => (depth === 16 ? value * 257 : value))
  const colour = COLOUR.map((value) => value / 255)
  return { name: `rgb ${depth}`, type: 2, depth, samples, chunks: [], colour, alpha: 255 }
}

function* indexed(depth: Exclude<Pixels['depth'], 16>): Generator<Pixels> {
  const palette: Chunk = ['PLTE', Buffer.from([0, 0, 0, ...COLOUR])]
  const pixels = {
    type: 3,
    depth,
    samples: [1],
    colour: COLOUR.map((value) => value / 255),
    alpha: 255,
  } as const
  yield { ...pixels, name: `indexed ${depth}`, chunks: [palette] }
  const alphas: Chunk = ['tRNS', Buffer.from([255, 128])]
  yield { ...pixels, name: `indexed ${depth}, half transparent`, chunks: [palette, alphas], alpha: 128 }
}

function* allColours(): Generator<Colours> {
  const p3 = makeRgbProfile(DISPLAY_P3, SRGB_CURVE)
  const srgbGrey = makeGreyProfile(SRGB_CURVE)
  const displayP3 = { rgb: p3, grey: srgbGrey }
  const profile = (grey: boolean): Chunk => {
    // The curve has to differ from sRGB's: a grey profile of sRGB changes nothing.
    const { icc } = grey ? makeGreyProfile(1) : p3
    return ['iCCP', Buffer.concat([Buffer.from('icc\0\0'), deflateSync(icc)])]
  }
  const sRGB: Chunk = ['sRGB', Buffer.from([0])]
  yield { name: 'untagged', chunks: () => [], meaning: 'sRGB' }
  for (const gamma of [1, 0.551]) {
    const bt709 = { rgb: makeRgbProfile(BT709, 1 / gamma), grey: makeGreyProfile(1 / gamma) }
    const both = { rgb: makeRgbProfile(DISPLAY_P3, 1 / gamma), grey: bt709.grey }
    yield { name: `gAMA ${gamma}`, chunks: () => [gAMA(gamma)], meaning: bt709 }
    yield { name: `gAMA ${gamma} and cHRM`, chunks: () => [gAMA(gamma), cHRM()], meaning: both }
  }
  yield { name: 'gAMA 0.45455', chunks: () => [gAMA(0.45455)], meaning: 'sRGB' }
  yield { name: 'cHRM without gAMA', chunks: () => [cHRM()], meaning: 'sRGB' }
  yield { name: 'sRGB over gAMA', chunks: () => [gAMA(1), sRGB], meaning: 'sRGB' }
  const kept = { rgb: p3, grey: makeGreyProfile(1) }
  yield { name: 'iCCP over gAMA', chunks: (grey) => [gAMA(0.551), profile(grey)], meaning: kept }
  yield { name: 'cICP', chunks: () => [cicp(12, 13), sRGB], meaning: displayP3 }
  yield { name: 'cICP over iCCP', chunks: (grey) => [cicp(1, 13), profile(grey)], meaning: 'sRGB' }
  yield { name: 'cICP of video range', chunks: () => [cicp(12, 13, 0)], meaning: 'sRGB' }
}

const BT709 = {
  red: [0.64, 0.33],
  green: [0.3, 0.6],
  blue: [0.15, 0.06],
  white: [0.3127, 0.329],
} as const

function gAMA(gamma: number): Chunk {
  return ['gAMA', longs(gamma * 100_000)]
}

function cHRM(): Chunk {
  const { white, red, green, blue } = DISPLAY_P3
  return ['cHRM', longs(...[white, red, green, blue].flat().map((value) => value * 100_000))]
}

function cicp(primaries: number, transfer: number, fullRange = 1): Chunk {
  return ['cICP', Buffer.from([primaries, transfer, 0, fullRange])]
}

function expectedOf(pixels: Pixels, { meaning }: Colours): RGBA {
  const { colour, alpha } = pixels
  const converted =
    meaning === 'sRGB'
      ? colour.map((value) => value * 255)
      : (isGrey(pixels) ? meaning.grey : meaning.rgb).toSrgb(colour)
  const [red = 0, green = red, blue = red] = converted
  return [red, green, blue, alpha]
}

function isGrey({ type }: Pixels): boolean {
  return type === 0 || type === 4
}

function makePng(pixels: Pixels, chunks: readonly Chunk[], interlaced: boolean): Buffer {
  const header = Buffer.concat([
    longs(WIDTH, HEIGHT),
    Buffer.from([pixels.depth, pixels.type, 0, 0, interlaced ? 1 : 0]),
  ])
  const data = interlaced
    ? ADAM7.map(([x, y, dx, dy]) => rows(pixels, Math.ceil((WIDTH - x) / dx), Math.ceil((HEIGHT - y) / dy)))
    : [rows(pixels, WIDTH, HEIGHT)]
  const all: Chunk[] = [
    ['IHDR', header],
    ...chunks,
    ['IDAT', deflateSync(Buffer.concat(data))],
    ['IEND', Buffer.alloc(0)],
  ]
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...all.map(makeChunk)])
}

/** First column and row, and steps, of each pass. (PNG, third edition, section 8.1) */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

function rows({ samples, depth }: Pixels, width: number, height: number): Buffer {
  if (width <= 0) return Buffer.alloc(0)
  const bits = Array.from({ length: width }, () =>
    samples.map((sample) => sample.toString(2).padStart(depth, '0')).join(''),
  ).join('')
  const bytes = bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2))
  const row = Buffer.from([0, ...bytes])
  return Buffer.concat(Array.from({ length: Math.max(0, height) }, () => row))
}

function makeChunk([type, data]: Chunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  return Buffer.concat([longs(data.length), body, longs(crc32(body))])
}

function longs(...values: readonly number[]): Buffer {
  const data = Buffer.alloc(4 * values.length)
  for (const [at, value] of values.entries()) data.writeUInt32BE(Math.round(value), 4 * at)
  return data
}

function words(...values: readonly number[]): Buffer {
  const data = Buffer.alloc(2 * values.length)
  for (const [at, value] of values.entries()) data.writeUInt16BE(value, 2 * at)
  return data
}
