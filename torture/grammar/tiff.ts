import type { SampleFormat } from './tiff-file.js'
import { layoutOf, nameOf, writeQuarters, type Kind, type Rgba, type TiffCase } from './tiff-case.js'
import { otherColours } from './tiff-colours.js'
import { refusedTiffs } from './tiff-refused.js'

export type { Rgba, TiffCase } from './tiff-case.js'

/** Values from 0 to 1 of the quarters. The last channel is alpha. */
const COLOURS: readonly Rgba[] = [
  [1, 0, 0, 1],
  [0, 0.5, 1, 0.5],
  [0.25, 0.25, 0.25, 0.75],
  [1, 1, 1, 1],
]
const GREYS: readonly Rgba[] = [0, 0.5, 0.25, 1].map((grey, index) => [
  grey,
  grey,
  grey,
  COLOURS[index]?.[3] ?? 1,
])
/** Value of a channel that is neither colour nor alpha, by quarter. */
const SPARE = [0, 1, 0.5, 0.25]

const DEPTHS: readonly (readonly [bits: number, format: SampleFormat])[] = [
  ...[1, 2, 4, 6, 8, 10, 12, 14, 16, 24, 32, 64].map((bits) => [bits, 1] as const),
  ...[16, 24, 32, 64].map((bits) => [bits, 3] as const),
]
const COMMON = [1, 5, 8, 32773]
const EXTRAS: readonly (readonly number[])[] = [
  [],
  [2],
  [1],
  [0],
  [2, 0],
  [1, 0],
  [0, 2],
  [0, 0],
  [0, 0, 1, 0, 0],
]

/** Returns the largest sample: white of MinIsBlack. */
const largest = ({ bits, format }: Kind): number => (format === 3 ? 1 : 2 ** bits - 1)

/** Returns a value from 0 to 1 as a sample. */
function quantize(value: number, kind: Kind): number {
  return kind.format === 3 ? value : Math.round(value * largest(kind))
}

/** Writes grey (photometric 0 and 1) or RGB (2) with extra channels, and works out what it shows. */
function additiveCase(kind: Kind): TiffCase {
  const { photometric, extra, layout, bits, format } = kind
  const colours = photometric === 2 ? COLOURS : GREYS
  const colourChannels = photometric === 2 ? 3 : 1
  const alphaAt = extra.findIndex((value) => value === 1 || value === 2)
  const isAssociated = extra[alphaAt] === 1
  const max = largest(kind)
  const samples = colours.map((colour, quarter) => {
    const alpha = isAssociated ? colour[3] : 1
    const shown = colour.slice(0, colourChannels).map((value) => {
      const code = quantize(value * alpha, kind)
      return photometric === 0 ? max - code : code
    })
    const rest = extra.map((_, index) =>
      quantize(index === alphaAt ? colour[3] : (SPARE[quarter] ?? 0), kind),
    )
    return [...shown, ...rest]
  })
  const quarters = samples.map((codes): Rgba => {
    const alpha = alphaAt < 0 ? 1 : (codes[colourChannels + alphaAt] ?? 0) / max
    const level = (channel: number): number => {
      const code = codes[colourChannels === 1 ? 0 : channel] ?? 0
      const value = (photometric === 0 ? max - code : code) / max
      return 255 * (isAssociated ? Math.min(1, alpha === 0 ? 0 : value / alpha) : value)
    }
    return [level(0), level(1), level(2), 255 * alpha]
  })
  const name = [
    ['whiteIsZero', 'grey', 'rgb'][photometric],
    `${bits}${format === 3 ? 'float' : ''}`,
    `extra[${extra.join(',')}]`,
    nameOf(layout),
  ].join('-')
  return {
    name,
    extension: 'tif',
    bytes: writeQuarters(kind, samples, colourChannels),
    expected: { quarters },
  }
}

/** Generates grey and RGB of every depth, with every arrangement of extra channels. */
function* additive(): Generator<TiffCase> {
  let number = 0
  for (const photometric of [0, 1, 2])
    for (const [bits, format] of DEPTHS)
      for (const extra of EXTRAS)
        yield additiveCase({ photometric, bits, format, extra, layout: layoutOf(number++) })
}

/** Generates the common depths in every layout: files that sharp reads by itself, or should. */
function* common(): Generator<TiffCase> {
  for (const photometric of [0, 1, 2])
    for (const bits of [8, 16])
      for (const extra of [[], [2]])
        for (let number = 1; number <= 12; number++) {
          const layout = {
            ...layoutOf(number),
            isBigTiff: number % 2 === 0,
            compression: COMMON[number % 4] ?? 1,
          }
          yield additiveCase({ photometric, bits, format: 1, extra, layout })
        }
}

/** Generates TIFFs: photometric, sample format, depth, extra channels, planes, blocks, byte order, compression. */
export function* tiffs(): Generator<TiffCase> {
  yield* additive()
  yield* common()
  yield* otherColours()
  yield* refusedTiffs()
}
