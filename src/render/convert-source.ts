import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import type { Sharp } from 'sharp'
import { sharp } from '../sharp.js'
import type { Picture } from '../picture.js'
import { readGreyCurve, readMatrixProfile, type MatrixProfile } from '../metadata/icc-profile.js'
import { colourspace, openPixelSource } from './passes/run-pass.js'
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

/** A source before its first pass. */
type FileSource = Extract<PixelSource, { kind: 'source' }>

/**
 * Converts a source to sRGB before its first pass, if sharp would do so wrongly: 16-bit sources with a matrix profile or a
 * grey curve, and grey sources that get a colour, whose profile sharp ignores. Returns other sources unchanged, and all of
 * them if the profile is kept.
 *
 * @param getsColour true if an operation adds a colour to a grey picture.
 */
export async function convertSource(
  source: FileSource,
  picture: Picture,
  getsColour: boolean,
  options: PassOptions,
): Promise<PixelSource> {
  const { icc } = source.image.metadata
  if (options.keep.icc || icc === undefined || picture.space === 'cmyk') return source
  const isGrey = picture.space === 'grey'
  const png =
    picture.depth === 16
      ? await convert16Bit(source, isGrey ? toGreyConversion(icc) : toRgbConversion(icc), picture, options)
      : isGrey && getsColour
        ? await openSource(source, options).toColourspace('b-w').png({ compressionLevel: 0 }).toBuffer()
        : undefined
  return png === undefined ? source : { kind: 'stored', bytes: png }
}

/** Converts 16-bit samples in place. */
type Conversion = (values: Uint16Array, channels: number) => Promise<void>

/** Returns a 16-bit PNG of a source's samples after a conversion. Undefined if there is no conversion. */
async function convert16Bit(
  source: FileSource,
  convert: Conversion | undefined,
  picture: Picture,
  options: PassOptions,
): Promise<Buffer | undefined> {
  if (convert === undefined) return undefined
  const space = colourspace(picture)
  const { data, info } = await openSource(source, options)
    // Keeping the profile makes sharp leave the values as they are.
    .keepIccProfile()
    .toColourspace(space)
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
  const values = new Uint16Array(data.buffer, data.byteOffset, data.length / 2)
  const { width, height, channels } = info
  await convert(values, channels)
  return sharp(values, { raw: { width, height, channels }, limitInputPixels: false })
    .toColourspace(space)
    .png({ compressionLevel: 0 })
    .toBuffer()
}

function openSource(source: FileSource, { autoOrient, timeout }: PassOptions): Sharp {
  return openPixelSource(source, autoOrient).timeout({ seconds: timeout })
}

function toRgbConversion(icc: Uint8Array): Conversion | undefined {
  const profile = readMatrixProfile(icc)
  return profile && ((values, channels) => convertPixels(values, channels, profile))
}

/** Returns the conversion from a grey profile: its curve, then that of sRGB. */
function toGreyConversion(icc: Uint8Array): Conversion | undefined {
  const curve = readGreyCurve(icc)
  if (curve === undefined) return undefined
  const converted = Uint16Array.from({ length: MAX_VALUE + 1 }, (_, value) =>
    Math.round(MAX_VALUE * Math.min(1, Math.max(0, encodeSrgb(curve(value / MAX_VALUE))))),
  )
  return async (values, channels) => {
    for (let start = 0; start < values.length; start += CHUNK_PIXELS * channels) {
      const end = Math.min(values.length, start + CHUNK_PIXELS * channels)
      for (let at = start; at < end; at += channels) values[at] = converted[values[at]!]!
      await yieldToEventLoop()
    }
  }
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
