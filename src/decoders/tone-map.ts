import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import {
  BT2020,
  BT709,
  type HdrColour,
  type HdrTransfer,
  type Primaries,
} from '../metadata/colour-description.js'
import { matrixToXyz } from '../metadata/icc-writer.js'
import { invert, multiply } from '../utils/matrix.js'

/*
 * Brings HDR pictures to the range of sRGB as browsers do on such a screen: by the reference white tone mapping operator of
 * SMPTE ST 2094-50, on the largest of red, green and blue in BT.2020. Colours outside of sRGB are clipped.
 * Compared with Chromium 156, ramps of grey and of colours differ by at most 1 level.
 */

/** Luminance of diffuse white, in cd/m². (ITU-R BT.2408) */
const REFERENCE_WHITE = 203
/** Luminance of the brightest part if the file does not tell it, and of HLG's nominal peak. */
const NOMINAL_PEAK = 1000
/** Steps of the table of sRGB's curve. */
const CURVE_STEPS = 2 ** 16
/** Steps of the table of the gain, for each factor of 2 of the light. */
const GAIN_STEPS = 64
/** Pixels converted before other work on the event loop gets its turn. */
const CHUNK_PIXELS = 2 ** 18

/** Converts pixels of red, green, blue, and perhaps alpha, to sRGB in place. */
export async function toneMap(
  pixels: Uint8Array | Uint16Array,
  channels: number,
  { primaries, transfer, peak = NOMINAL_PEAK }: HdrColour,
): Promise<void> {
  const max = pixels instanceof Uint16Array ? 65535 : 255
  const decode = transfer === 'pq' ? decodePq : decodeHlg
  const light = Float64Array.from({ length: max + 1 }, (_, value) => decode(value / max))
  const encoded = Uint16Array.from({ length: CURVE_STEPS + 1 }, (_, at) =>
    Math.round(max * encodeSrgb(at / CURVE_STEPS)),
  )
  const convert = createConverter(primaries, transfer, peak)
  const colour = new Float64Array(3)
  for (let start = 0; start < pixels.length; start += CHUNK_PIXELS * channels) {
    const end = Math.min(pixels.length, start + CHUNK_PIXELS * channels)
    for (let at = start; at < end; at += channels) {
      for (let channel = 0; channel < 3; channel++) colour[channel] = light[pixels[at + channel]!]!
      convert(colour)
      for (let channel = 0; channel < 3; channel++) {
        pixels[at + channel] = encoded[Math.round(Math.min(1, Math.max(0, colour[channel]!)) * CURVE_STEPS)]!
      }
    }
    await yieldToEventLoop()
  }
}

/** Returns a function that converts linear light of the source to linear light of sRGB in place. */
function createConverter(
  from: Primaries,
  transfer: HdrTransfer,
  peak: number,
): (colour: Float64Array) => void {
  const toXyz = matrixToXyz(BT2020)
  const toBt2020 = multiply(invert(toXyz), matrixToXyz(from)).flat()
  const toSrgb = multiply(invert(matrixToXyz(BT709)), toXyz).flat()
  const [red = 0, green = 0, blue = 0] = toXyz[1]!
  const gain = createGain(peak)
  return (colour) => {
    apply(toBt2020, colour)
    if (transfer === 'hlg') {
      const luminance = red * colour[0]! + green * colour[1]! + blue * colour[2]!
      // The optical transfer of a screen of 1000 cd/m². (ITU-R BT.2100-2, table 5)
      scale(colour, luminance > 0 ? luminance ** 0.2 * (NOMINAL_PEAK / REFERENCE_WHITE) : 0)
    }
    scale(colour, gain(Math.max(colour[0]!, colour[1]!, colour[2]!)))
    apply(toSrgb, colour)
  }
}

/**
 * Returns the factor for light, which is relative to the reference white: constant up to it, then decreasing along a
 * parabola so that the peak becomes white. (SMPTE ST 2094-50, annex C)
 */
function createGain(peak: number): (light: number) => number {
  const top = peak / REFERENCE_WHITE
  if (top <= 1) return () => 1
  const knee = 1 - 0.5 * Math.min(1, Math.log2(top) / Math.log2(NOMINAL_PEAK / REFERENCE_WHITE))
  // The middle point of the parabola, 0.65 of the way from the knee to the crossing of its tangents.
  const [x, y] = [0.35 + 0.65 / knee, 0.35 * knee + 0.65]
  const [ax, bx] = [1 - 2 * x + top, 2 * (x - 1)]
  const [ay, by] = [knee - 2 * y + 1, 2 * (y - knee)]
  const exact = (light: number) => {
    if (light >= top) return 1 / light
    const t = (2 * (light - 1)) / (bx + Math.sqrt(bx * bx + 4 * ax * (light - 1)))
    return (knee + t * (by + t * ay)) / light
  }
  const highest = 10_000 / REFERENCE_WHITE
  const table = Float64Array.from({ length: Math.ceil(GAIN_STEPS * Math.log2(highest)) + 2 }, (_, at) =>
    exact(2 ** (at / GAIN_STEPS)),
  )
  return (light) => {
    if (light <= 1) return knee
    const at = Math.log2(light) * GAIN_STEPS
    const low = Math.min(Math.floor(at), table.length - 2)
    return table[low]! + (table[low + 1]! - table[low]!) * (at - low)
  }
}

function apply(matrix: readonly number[], colour: Float64Array): void {
  const [red, green, blue] = [colour[0]!, colour[1]!, colour[2]!]
  for (let row = 0; row < 3; row++) {
    colour[row] = matrix[3 * row]! * red + matrix[3 * row + 1]! * green + matrix[3 * row + 2]! * blue
  }
}

function scale(colour: Float64Array, factor: number): void {
  for (let channel = 0; channel < 3; channel++) colour[channel]! *= factor
}

/** Returns light relative to the reference white. (ITU-R BT.2100-2, table 4) */
function decodePq(value: number): number {
  const power = value ** (4096 / 128 / 2523)
  const light = (Math.max(power - 3424 / 4096, 0) / ((2413 - 2392 * power) / 128)) ** (16384 / 2610)
  return (light * 10_000) / REFERENCE_WHITE
}

/** Returns the light of the scene, 0 to 1. (ITU-R BT.2100-2, table 5) */
function decodeHlg(value: number): number {
  const a = 0.17883277
  const b = 1 - 4 * a
  const c = 0.5 - a * Math.log(4 * a)
  return value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - c) / a) + b) / 12
}

function encodeSrgb(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055
}
