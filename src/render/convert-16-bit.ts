import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { sharp } from '../sharp.js'
import type { Picture } from '../picture.js'
import { readMatrixProfile, type MatrixProfile } from '../metadata/icc-profile.js'
import { outputExif } from './output-exif.js'
import { addMetadata } from '../metadata/png-chunks.js'
import { openPixelSource } from './passes/run-pass.js'
import type { PixelSource, PassOptions } from './passes/types.js'

/*
 * lcms converts 16 bits with a lookup table of 33 steps per channel, and libvips has no option to avoid it: saturated
 * colours are wrong by up to 17 levels of 255. Photos usually have matrix profiles (three primaries and their curves),
 * which are converted exactly here.
 */

/** XYZ (D50) to linear sRGB (IEC 61966-2-1, Bradford adaptation). */
const FROM_XYZ = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const
const MAX_VALUE = 65535
/** Steps of the table of sRGB's curve. At the steepest part of the curve, one step is 3 of 65535. */
const CURVE_STEPS = 2 ** 18
/** Pixels converted before other work on the event loop gets its turn. */
const CHUNK_PIXELS = 2 ** 20

/**
 * Converts a 16-bit source from its matrix profile to sRGB. Returns the source unchanged if it has no such profile,
 * if it is not 16-bit RGB, or if the profile is kept.
 */
export async function convert16Bit(
  source: Extract<PixelSource, { kind: 'source' }>,
  picture: Picture,
  options: PassOptions,
): Promise<PixelSource> {
  const { icc } = source.image.metadata
  if (picture.depth !== 16 || picture.space !== 'rgb' || options.keep.icc || icc === undefined) return source
  const profile = readMatrixProfile(icc)
  if (profile === undefined) return source
  const { data, info } = await openPixelSource(source, options.autoOrient)
    .timeout({ seconds: options.timeout })
    // Keeping the profile makes sharp leave the values as they are.
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
  const exif = outputExif(source.image, options.keep, options.orientation)
  return { kind: 'stored', bytes: addMetadata(png, { exif, orientation: options.orientation }) }
}

async function convertPixels(values: Uint16Array, channels: number, profile: MatrixProfile): Promise<void> {
  const [red, green, blue] = profile.curves.map((curve) =>
    Float32Array.from({ length: MAX_VALUE + 1 }, (_, value) => curve(value / MAX_VALUE)),
  )
  const matrix = FROM_XYZ.flatMap((row) =>
    [0, 1, 2].map((column) =>
      row.reduce((sum, value, at) => sum + value * profile.matrix[3 * at + column]!, 0),
    ),
  )
  const encoded = Uint16Array.from({ length: CURVE_STEPS + 1 }, (_, at) =>
    Math.round(MAX_VALUE * encodeSrgb(at / CURVE_STEPS)),
  )
  // Faster than Math.round. NaN from a broken curve maps to 0.
  const toValue = (light: number) =>
    encoded[light >= 1 ? CURVE_STEPS : light > 0 ? (light * CURVE_STEPS + 0.5) | 0 : 0]!
  for (let start = 0; start < values.length; start += CHUNK_PIXELS * channels) {
    const end = Math.min(values.length, start + CHUNK_PIXELS * channels)
    for (let at = start; at < end; at += channels) {
      const r = red![values[at]!]!
      const g = green![values[at + 1]!]!
      const b = blue![values[at + 2]!]!
      values[at] = toValue(matrix[0]! * r + matrix[1]! * g + matrix[2]! * b)
      values[at + 1] = toValue(matrix[3]! * r + matrix[4]! * g + matrix[5]! * b)
      values[at + 2] = toValue(matrix[6]! * r + matrix[7]! * g + matrix[8]! * b)
    }
    await yieldToEventLoop()
  }
}

function encodeSrgb(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055
}
