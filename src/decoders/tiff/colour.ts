import type { Pixels } from './gather.js'

/** Divides the colours by the alpha, the last of the channels, in place. */
export function unpremultiply(pixels: Pixels, channels: number, max: number): void {
  for (let at = 0; at < pixels.length; at += channels) {
    const alpha = pixels[at + channels - 1] ?? 0
    if (alpha === 0 || alpha === max) continue
    for (let each = at; each < at + channels - 1; each++)
      pixels[each] = Math.min(max, Math.round(((pixels[each] ?? 0) * max) / alpha))
  }
}

/**
 * Looks up the colours of a palette. A second channel is the alpha.
 *
 * @param map all reds, all greens, all blues, of 16 bits; cut to 8 if the pixels have 8.
 */
export function applyPalette(pixels: Pixels, channels: number, map: readonly number[]): Pixels {
  const size = map.length / 3
  const is8Bit = pixels instanceof Uint8Array
  // Old writers stored 8 bits.
  const shift = is8Bit && map.some((value) => value > 255) ? 8 : 0
  const length = (pixels.length / channels) * (channels + 2)
  const out = is8Bit ? new Uint8Array(length) : new Uint16Array(length)
  let to = 0
  for (let at = 0; at < pixels.length; at += channels) {
    const index = pixels[at] ?? 0
    for (let colour = 0; colour < 3; colour++) out[to++] = (map[colour * size + index] ?? 0) >> shift
    if (channels === 2) out[to++] = pixels[at + 1] ?? 0
  }
  return out
}

/** Values of the YCbCrCoefficients and ReferenceBlackWhite tags (TIFF 6.0, section 21). */
export interface YCbCrTags {
  readonly coefficients: readonly number[]
  readonly reference: readonly number[]
}

/** Converts YCbCr to RGB in place. Channels behind the third stay. */
export function yCbCrToRgb(pixels: Pixels, channels: number, max: number, tags: YCbCrTags): void {
  const [red = 0.299, green = 0.587, blue = 0.114] = tags.coefficients
  const middle = (max + 1) / 2
  const [black = 0, white = max, cbZero = middle, cbEnd = max, crZero = middle, crEnd = max] = tags.reference
  // The range of chroma is half of that of luma.
  const half = Math.floor(max / 2)
  const lumaScale = max / (white - black)
  const [cbScale, crScale] = [half / (cbEnd - cbZero), half / (crEnd - crZero)]
  for (let at = 0; at < pixels.length; at += channels) {
    const luma = ((pixels[at] ?? 0) - black) * lumaScale
    const cb = ((pixels[at + 1] ?? 0) - cbZero) * cbScale
    const cr = ((pixels[at + 2] ?? 0) - crZero) * crScale
    const r = luma + cr * (2 - 2 * red)
    const b = luma + cb * (2 - 2 * blue)
    pixels[at] = clip(r, max)
    pixels[at + 1] = clip((luma - blue * b - red * r) / green, max)
    pixels[at + 2] = clip(b, max)
  }
}

function clip(value: number, max: number): number {
  return Math.max(0, Math.min(max, Math.round(value)))
}

/** Samples of a Lab picture, as numbers of L from 0 to 100 and of a and b. */
export interface LabScale {
  readonly lightness: (sample: number) => number
  readonly opponent: (sample: number) => number
}

/** White of D65 (CIE 15), which libvips takes for every Lab. */
const WHITE = [0.950_470, 1, 1.088_827] as const
const FROM_XYZ = [
  [3.240_625, -1.537_208, -0.498_629],
  [-0.968_931, 1.875_756, 0.041_518],
  [0.055_710, -0.204_021, 1.056_996],
] as const

/** Converts Lab to sRGB of 16 bits in place (IEC 61966-2-1). Channels behind the third stay. */
export function labToRgb(pixels: Uint16Array, channels: number, { lightness, opponent }: LabScale): void {
  for (let at = 0; at < pixels.length; at += channels) {
    const y = (lightness(pixels[at] ?? 0) + 16) / 116
    const x = y + opponent(pixels[at + 1] ?? 0) / 500
    const z = y - opponent(pixels[at + 2] ?? 0) / 200
    const xyz = [fromCube(x) * WHITE[0], fromCube(y), fromCube(z) * WHITE[2]] as const
    for (const [colour, [fromX, fromY, fromZ]] of FROM_XYZ.entries()) {
      const linear = fromX * xyz[0] + fromY * xyz[1] + fromZ * xyz[2]
      const value = linear <= 0.003_130_8 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055
      pixels[at + colour] = clip(value * 65_535, 65_535)
    }
  }
}

/** The inverse of Lab's cube root, which is straight near black. */
function fromCube(value: number): number {
  return value > 6 / 29 ? value ** 3 : (value - 4 / 29) * (3 * (6 / 29) ** 2)
}
