import { layoutOf, nameOf, writeQuarters, type Kind, type Rgba, type TiffCase } from './tiff-case.js'
import type { TiffSpec } from './tiff-file.js'

const SHORT = 3
const LONG = 4
/** Alpha of the quarters. */
const ALPHAS = [1, 0.5, 0.75, 1]

/** Returns the samples of extra channels in a quarter: the alpha, or anything else. */
const extraSamples = ({ extra, bits }: Kind, quarter: number): number[] =>
  extra.map((value) => Math.round((value === 0 ? quarter / 3 : (ALPHAS[quarter] ?? 1)) * (2 ** bits - 1)))

function createCase(
  name: string,
  kind: Kind,
  colours: readonly (readonly number[])[],
  shown: readonly (readonly [number, number, number])[],
  more: Partial<TiffSpec> = {},
): TiffCase {
  const { extra, bits, layout } = kind
  const hasAlpha = extra.includes(2)
  const samples = colours.map((colour, quarter) => [...colour, ...extraSamples(kind, quarter)])
  const max = 2 ** bits - 1
  const quarters = shown.map((rgb, quarter): Rgba => {
    const code = Math.round((ALPHAS[quarter] ?? 1) * max)
    return [...rgb, hasAlpha ? (255 * code) / max : 255]
  })
  return {
    name: [name, bits, `extra[${extra.join(',')}]`, nameOf(layout)].join('-'),
    extension: 'tif',
    bytes: writeQuarters(kind, samples, colours[0]?.length ?? 0, more),
    expected: { quarters },
  }
}

const RGB = [
  [255, 0, 0],
  [0, 128, 255],
  [64, 64, 64],
  [255, 255, 255],
] as const

/** Generates TIFFs of palettes, CMYK, YCbCr and Lab. */
export function* otherColours(): Generator<TiffCase> {
  let number = 0
  for (const bits of [1, 2, 4, 8, 16])
    for (const extra of [[], [2], [0], [2, 0]])
      yield palette({ ...unsigned(3, bits, extra), layout: layoutOf(number++) })
  for (const bits of [4, 8, 12, 16, 32])
    for (const extra of [[], [2], [0], [2, 0], [0, 0]])
      yield cmyk({ ...unsigned(5, bits, extra), layout: layoutOf(number++) })
  for (const bits of [8, 16])
    for (const extra of [[], [2], [0], [2, 0]])
      for (const isIcc of [false, true])
        yield lab({ ...unsigned(isIcc ? 9 : 8, bits, extra), layout: layoutOf(number++) })
  for (const bits of [8, 16])
    for (const subsampling of [
      [1, 1],
      [2, 1],
      [1, 2],
      [2, 2],
      [4, 1],
      [4, 4],
    ] as const)
      for (const hasHeadroom of [false, true])
        for (const extra of subsampling[0] + subsampling[1] === 2 ? [[], [2], [0]] : [[]]) {
          const layout = layoutOf(number++)
          const isPlanar = layout.isPlanar && subsampling[0] + subsampling[1] === 2
          const kind = { ...unsigned(6, bits, extra), layout: { ...layout, isPlanar } }
          yield yCbCr(kind, subsampling, hasHeadroom)
        }
}

const unsigned = (photometric: number, bits: number, extra: readonly number[]) =>
  ({ photometric, bits, extra, format: 1 }) as const

function palette(kind: Kind): TiffCase {
  const size = 2 ** kind.bits
  const map = Array.from({ length: 3 * size }, () => 0)
  for (const [quarter, rgb] of RGB.entries())
    for (const [channel, value] of rgb.entries()) map[channel * size + (quarter % size)] = value * 257
  // Of two quarters with one index the later one tells the colour.
  const shown = RGB.map((_, quarter) => RGB[size < 4 ? (quarter % size) + 4 - size : quarter] ?? RGB[0])
  const indexes = RGB.map((_, quarter) => [quarter % size])
  return createCase('palette', kind, indexes, shown, { tags: [[320, SHORT, map]] })
}

/** Inks from 0 to 1, and their colours in sRGB by the profile that libvips takes for CMYK without one. */
const INKS = [
  [0, 0, 0, 0],
  [1, 0, 0, 0],
  [0, 1, 1, 0],
  [0, 0, 0, 1],
] as const
const INK_COLOURS = [
  [255, 255, 255],
  [0, 153, 227],
  [232, 0, 0],
  [20, 5, 0],
] as const

function cmyk(kind: Kind): TiffCase {
  const inks = INKS.map((values) => values.map((value) => value * (2 ** kind.bits - 1)))
  return createCase('cmyk', kind, inks, INK_COLOURS)
}

/** L from 0 to 100, a and b, and their colours in sRGB with a white of D65, as libvips has it. */
const LABS = [
  [100, 0, 0],
  [60, 40, -30],
  [40, -20, 50],
  [20, 0, 0],
] as const
const LAB_COLOURS = [
  [255, 255, 255],
  [189, 119, 198],
  [83.5, 101.6, 0],
  [48.3, 48.3, 48.3],
] as const

function lab(kind: Kind): TiffCase {
  const { photometric, bits } = kind
  const isIcc = photometric === 9
  const opponentScale = bits === 8 ? 1 : 256
  const lightnessScale = (bits === 8 ? 255 : isIcc ? 65_280 : 65_535) / 100
  const samples = LABS.map(([lightness, a, b]) => [
    Math.round(lightness * lightnessScale),
    ...[a, b].map((value) =>
      isIcc ? (value + 128) * opponentScale : (value * opponentScale) & (2 ** bits - 1),
    ),
  ])
  return createCase(isIcc ? 'iccLab' : 'cieLab', kind, samples, LAB_COLOURS)
}

function yCbCr(kind: Kind, subsampling: readonly [number, number], hasHeadroom: boolean): TiffCase {
  const { bits } = kind
  const max = 2 ** bits - 1
  const middle = 2 ** (bits - 1)
  const scale = 2 ** (bits - 8)
  // ITU-R BT.601 with and without headroom.
  const reference = hasHeadroom
    ? [16, 235, 128, 240, 128, 240].map((value) => value * scale)
    : [0, max, middle, max, middle, max]
  const [black = 0, white = 0, , cbEnd = 0] = reference
  const samples = RGB.map(([red, green, blue]) => {
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue
    const chroma = (colour: number, factor: number): number =>
      middle + ((colour - luma) / factor / 127.5) * (cbEnd - middle)
    return [
      Math.round(black + (luma / 255) * (white - black)),
      Math.min(max, Math.round(chroma(blue, 1.772))),
      Math.min(max, Math.round(chroma(red, 1.402))),
    ]
  })
  const name = `yCbCr${subsampling.join('x')}${hasHeadroom ? 'headroom' : ''}`
  return createCase(name, kind, samples, RGB, {
    subsampling,
    tags: hasHeadroom ? [[532, LONG, reference]] : [],
  })
}
