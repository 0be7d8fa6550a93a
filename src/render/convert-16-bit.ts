import { setImmediate as breathe } from 'node:timers/promises'
import { sharp } from '../sharp.js'
import type { Picture } from '../picture.js'
import { readMatrixProfile, type MatrixProfile } from '../metadata/icc-profile.js'
import { outputExif } from './output-exif.js'
import { addMetadata } from '../metadata/png-chunks.js'
import { openPixelSource } from './passes/run-pass.js'
import type { PixelSource, PassOptions } from './passes/types.js'

/*
 * lcms converts 16 bits through a table of 33 steps a channel, which libvips gives no way around: strong colours come
 * out up to 17 levels of 255 wrong. What profiles of photos say, three primaries and their curves, is exact here.
 */

/** XYZ relative to D50 to the light of sRGB's primaries (IEC 61966-2-1, Bradford). */
const FROM_XYZ = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const
const TOP = 65535
/** Where sRGB's curve is steepest a step of this many is three of 65535. */
const STEPS = 2 ** 18
/** Pixels between two looks at what else there is to do. */
const STRETCH = 2 ** 20

/** A source of 16 bits with its colours made sRGB; as it is where that has no need, or its profile no matrix. */
export async function convertDeep(
  carrier: Extract<PixelSource, { kind: 'source' }>,
  picture: Picture,
  options: PassOptions,
): Promise<PixelSource> {
  const { icc } = carrier.image.metadata
  if (picture.depth !== 16 || picture.space !== 'rgb' || options.keep.icc || icc === undefined) return carrier
  const profile = readMatrixProfile(icc)
  if (profile === undefined) return carrier
  const { data, info } = await openPixelSource(carrier, options.autoOrient)
    .timeout({ seconds: options.timeout })
    // To sharp that is to leave them as they are.
    .keepIccProfile()
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
  const values = new Uint16Array(data.buffer, data.byteOffset, data.length / 2)
  const { width, height, channels } = info
  await convertPixels(values, channels, profile)
  const png = await sharp(values, { raw: { width, height, channels }, limitInputPixels: false })
    .toColourspace('rgb16')
    .png({ compressionLevel: 0 })
    .toBuffer()
  const exif = outputExif(carrier.image, options.keep, options.orientation)
  return { kind: 'stored', bytes: addMetadata(png, { exif, orientation: options.orientation }) }
}

async function convertPixels(values: Uint16Array, channels: number, profile: MatrixProfile): Promise<void> {
  const [red, green, blue] = profile.curves.map((curve) =>
    Float32Array.from({ length: TOP + 1 }, (_, value) => curve(value / TOP)),
  )
  const matrix = FROM_XYZ.flatMap((row) =>
    [0, 1, 2].map((column) =>
      row.reduce((sum, value, at) => sum + value * profile.matrix[3 * at + column]!, 0),
    ),
  )
  const encoded = Uint16Array.from({ length: STEPS + 1 }, (_, at) => Math.round(TOP * encodeSrgb(at / STEPS)))
  // Faster than Math.round, and whatever a broken curve gives is some place in the list.
  const toValue = (light: number) => encoded[light >= 1 ? STEPS : light > 0 ? (light * STEPS + 0.5) | 0 : 0]!
  for (let start = 0; start < values.length; start += STRETCH * channels) {
    const end = Math.min(values.length, start + STRETCH * channels)
    for (let at = start; at < end; at += channels) {
      const r = red![values[at]!]!
      const g = green![values[at + 1]!]!
      const b = blue![values[at + 2]!]!
      values[at] = toValue(matrix[0]! * r + matrix[1]! * g + matrix[2]! * b)
      values[at + 1] = toValue(matrix[3]! * r + matrix[4]! * g + matrix[5]! * b)
      values[at + 2] = toValue(matrix[6]! * r + matrix[7]! * g + matrix[8]! * b)
    }
    await breathe()
  }
}

function encodeSrgb(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055
}
