import fc from 'fast-check'
import { D50, makeIcc, xyzTag, type Tag } from './icc.js'
import { ADOBE_RGB, DISPLAY_P3, makeRgbProfile, PROPHOTO, SRGB, SRGB_CURVE } from './profiles.js'

/** Bytes of a `curv` tag. */
export function samplesTag(samples: readonly number[]): Buffer {
  const tag = Buffer.alloc(12 + 2 * samples.length)
  tag.write('curv', 'latin1')
  tag.writeUInt32BE(samples.length, 8)
  for (const [at, sample] of samples.entries()) tag.writeUInt16BE(sample, 12 + 2 * at)
  return tag
}

/** Bytes of a `para` tag (ICC.1:2022, 10.18). */
export function functionTag(type: number, parameters: readonly number[]): Buffer {
  const tag = Buffer.alloc(12 + 4 * parameters.length)
  tag.write('para', 'latin1')
  tag.writeUInt16BE(type, 8)
  for (const [at, value] of parameters.entries()) tag.writeInt32BE(Math.round(value * 65_536), 12 + 4 * at)
  return tag
}

/** Makes a profile of a matrix, whose columns are the colours of red, green and blue, and three curves. */
export function makeShaper(
  columns: readonly (readonly number[])[],
  curves: readonly Buffer[],
  others: readonly Tag[] = [],
): Buffer {
  const names = ['r', 'g', 'b']
  return makeIcc('RGB ', [
    ...names.map((name, at): Tag => [`${name}XYZ`, xyzTag(columns[at]!)]),
    ...names.map((name, at): Tag => [`${name}TRC`, curves[at]!]),
    ...others,
  ])
}

/** Returns the colours of red, green and blue of a profile. */
export function columnsOf(icc: Buffer): readonly (readonly number[])[] {
  return ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => {
    const at = icc.readUInt32BE(icc.indexOf(name) + 4)
    return [8, 12, 16].map((place) => icc.readInt32BE(at + place) / 65_536)
  })
}

/** libvips' sRGB, which differs from the standard in the last digits. */
const LIBVIPS_SRGB = [
  [0x6fa0, 0x38f2, 0x038f],
  [0x6296, 0xb789, 0x18da],
  [0x24a0, 0x0f85, 0xb6c4],
].map((column) => column.map((value) => value / 65_536))

const spaces = [SRGB, DISPLAY_P3, ADOBE_RGB, PROPHOTO].map((primaries) =>
  columnsOf(makeRgbProfile(primaries, 2.2).icc),
)
const knownColumns = fc.constantFrom(LIBVIPS_SRGB, ...spaces)
const numbers = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true })

/** Adds up to 2/65536, or far more, to each number. */
const columns = fc
  .tuple(
    knownColumns,
    fc.array(numbers(-1, 1), { minLength: 9, maxLength: 9 }),
    fc.constantFrom(0, 0, 2 / 65_536, 0.05, 0.3),
  )
  .map(([known, noise, amount]) =>
    known.map((column, x) => column.map((value, y) => value + amount * noise[3 * x + y]!)),
  )

const gamma = numbers(0.4, 4)
const risingSamples = fc
  .tuple(
    fc.oneof(fc.integer({ min: 2, max: 40 }), fc.constantFrom(256, 1024, 2048, 4096, 4097)),
    gamma,
    fc.constantFrom(0, 0, 300, 9000),
  )
  .chain(([count, power, noise]) =>
    fc.array(numbers(0, noise), { minLength: 1, maxLength: 50 }).map((noises) =>
      Array.from({ length: count }, (_, at) => {
        const value = 65_535 * (at / (count - 1)) ** power - (at === 0 ? 0 : noises[at % noises.length]!)
        return Math.min(65_535, Math.max(0, Math.round(value)))
      }),
    ),
  )
const anySamples = fc
  .array(fc.integer({ min: 0, max: 65_535 }), { minLength: 2, maxLength: 60 })
  .map((samples) => [0, ...samples])

const curve = fc.oneof(
  fc.constantFrom(
    functionTag(3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]),
    samplesTag((SRGB_CURVE as readonly number[]).map((light) => Math.round(light * 65_535))),
    samplesTag([]),
    samplesTag([563]),
  ),
  gamma.map((power) => samplesTag([Math.round(256 * power)])),
  risingSamples.map(samplesTag),
  anySamples.map(samplesTag),
  gamma.map((power) => functionTag(0, [power])),
  fc.tuple(gamma, numbers(0.5, 1.3), numbers(-0.3, 0)).map((values) => functionTag(1, values)),
  fc
    .tuple(gamma, numbers(0.5, 1.3), numbers(-0.3, 0), fc.constant(0))
    .map((values) => functionTag(2, values)),
  fc
    .tuple(gamma, numbers(0.5, 1.1), numbers(-0.1, 0.3), numbers(0, 0.6), numbers(0.001, 0.3))
    .map((values) => functionTag(3, values)),
  fc
    .tuple(
      gamma,
      numbers(0.5, 1.1),
      numbers(-0.1, 0.3),
      numbers(0, 0.6),
      numbers(0.001, 0.3),
      numbers(-0.1, 0.2),
    )
    .map((values) => functionTag(4, [...values, 0])),
)

const others = fc.constantFrom<readonly Tag[]>(
  [],
  [
    [
      'chad',
      Buffer.concat([
        Buffer.from('sf32\0\0\0\0'),
        ...[1.05, 0.02, -0.05, 0.03, 0.99, -0.02, -0.01, 0.015, 0.75].map(fixed),
      ]),
    ],
  ],
  [['bkpt', xyzTag([0.01, 0.01, 0.01])]],
  [['lumi', xyzTag(D50.map((value) => value * 80))]],
)

function fixed(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(Math.round(value * 65_536))
  return bytes
}

/** Profiles of a matrix and three curves: usual and odd ones, of versions 2 and 4, for screens, cameras and printers. */
export const shaperProfiles: fc.Arbitrary<Buffer> = fc
  .tuple(
    columns,
    fc.oneof(
      curve.map((each) => [each, each, each]),
      fc.tuple(curve, curve, curve),
    ),
    others,
    fc.constantFrom(0x02, 0x04),
    fc.constantFrom('mntr', 'scnr', 'prtr', 'spac'),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([matrix, curves, tags, version, kind, intent]) => {
    const icc = makeShaper(matrix, curves, tags)
    icc[8] = version
    icc.write(kind, 12, 'latin1')
    icc.writeUInt32BE(intent, 64)
    return icc
  })
