/** CIE xy coordinates. */
export type Chromaticity = readonly [x: number, y: number]

/** The colours of full red, green, blue and white. */
export interface Primaries {
  readonly red: Chromaticity
  readonly green: Chromaticity
  readonly blue: Chromaticity
  readonly white: Chromaticity
}

/** Linear light of a value from 0 to 1: `(a·value + b)^g`, but `c·value` below `d`. (ICC.1:2022, 10.18, type 3) */
export interface ToneCurve {
  readonly g: number
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

/** Curves of HDR: PQ and HLG (ITU-R BT.2100-2). They go beyond the white of sRGB. */
export type HdrTransfer = 'pq' | 'hlg'

/** The colours of a picture in the range of common screens. */
export interface SdrColour {
  readonly primaries: Primaries
  readonly transfer: ToneCurve
}

/** The colours of an HDR picture. */
export interface HdrColour {
  readonly primaries: Primaries
  readonly transfer: HdrTransfer
  /** Luminance of the brightest part, in cd/m². @default 1000 */
  readonly peak?: number | undefined
}

export type ColourDescription = SdrColour | HdrColour

/** Returns true for a picture whose colours need tone mapping. */
export function isHdr(colour: ColourDescription): colour is HdrColour {
  return colour.transfer === 'pq' || colour.transfer === 'hlg'
}

/** Describes colours. `peak` counts for HDR only. */
export function describeColour(
  primaries: Primaries,
  transfer: ToneCurve | HdrTransfer,
  peak?: number,
): ColourDescription {
  return typeof transfer === 'string' ? { primaries, transfer, peak } : { primaries, transfer }
}

/** The white of daylight at 6500 K. */
const D65: Chromaticity = [0.3127, 0.329]
const ILLUMINANT_C: Chromaticity = [0.31, 0.316]
const SMPTE_C = primaries([0.63, 0.34], [0.31, 0.595], [0.155, 0.07])
const P3_COLOURS = [
  [0.68, 0.32],
  [0.265, 0.69],
  [0.15, 0.06],
] as const

/** ITU-R BT.709 and sRGB. */
export const BT709 = primaries([0.64, 0.33], [0.3, 0.6], [0.15, 0.06])

export const BT2020 = primaries([0.708, 0.292], [0.17, 0.797], [0.131, 0.046])

/** By the codes of ITU-T H.273, table 2, without 0, 2 and 3, which tell nothing. */
const PRIMARIES: Readonly<Record<number, Primaries>> = {
  1: BT709,
  4: primaries([0.67, 0.33], [0.21, 0.71], [0.14, 0.08], ILLUMINANT_C),
  5: primaries([0.64, 0.33], [0.29, 0.6], [0.15, 0.06]),
  6: SMPTE_C,
  7: SMPTE_C,
  8: primaries([0.681, 0.319], [0.243, 0.692], [0.145, 0.049], ILLUMINANT_C),
  9: BT2020,
  10: primaries([1, 0], [0, 1], [0, 0], [1 / 3, 1 / 3]),
  11: primaries(...P3_COLOURS, [0.314, 0.351]),
  12: primaries(...P3_COLOURS),
  22: primaries([0.63, 0.34], [0.295, 0.605], [0.155, 0.077]),
}

/** IEC 61966-2-1. */
export const SRGB_CURVE: ToneCurve = { g: 2.4, a: 1 / 1.055, b: 0.055 / 1.055, c: 1 / 12.92, d: 0.04045 }

/** The screen that ITU-R BT.709 expects, by ITU-R BT.1886. Browsers use it rather than the inverse of the camera's curve. */
const BT1886_CURVE = gammaCurve(2.4)

/** By the codes of ITU-T H.273, table 3, without logarithmic curves, which browsers ignore as well. */
const TRANSFERS: Readonly<Record<number, ToneCurve | HdrTransfer>> = {
  1: BT1886_CURVE,
  4: gammaCurve(2.2),
  5: gammaCurve(2.8),
  6: BT1886_CURVE,
  // SMPTE ST 240.
  7: { g: 1 / 0.45, a: 1 / 1.1115, b: 0.1115 / 1.1115, c: 1 / 4, d: 0.0912 },
  8: gammaCurve(1),
  11: BT1886_CURVE,
  13: SRGB_CURVE,
  14: BT1886_CURVE,
  15: BT1886_CURVE,
  16: 'pq',
  // SMPTE ST 428-1: white is at 48 of 52.37 cd/m².
  17: { ...gammaCurve(2.6), a: (52.37 / 48) ** (1 / 2.6) },
  18: 'hlg',
}

/** Returns the primaries of a code of ITU-T H.273; undefined if it tells nothing. */
export function primariesOf(code: number): Primaries | undefined {
  return PRIMARIES[code]
}

/** Returns the curve of a code of ITU-T H.273; undefined if it tells nothing. */
export function transferOf(code: number): ToneCurve | HdrTransfer | undefined {
  return TRANSFERS[code]
}

/** Returns the codes of ITU-T H.273 for colours; undefined if they have none. */
export function codesOf({ primaries: points, transfer }: SdrColour): ColourPair | undefined {
  const codeIn = (table: Readonly<Record<number, unknown>>, wanted: unknown) =>
    Object.entries(table).find(([, value]) => value === wanted)?.[0]
  const [first, second] = [codeIn(PRIMARIES, points), codeIn(TRANSFERS, transfer)]
  return first === undefined || second === undefined
    ? undefined
    : { primaries: Number(first), transfer: Number(second) }
}

/** Codes of primaries and curve. (ITU-T H.273, tables 2 and 3) */
export interface ColourPair {
  readonly primaries: number
  readonly transfer: number
}

/** Returns a power function. */
export function gammaCurve(g: number): ToneCurve {
  return { g, a: 1, b: 0, c: 0, d: 0 }
}

function primaries(red: Chromaticity, green: Chromaticity, blue: Chromaticity, white = D65): Primaries {
  return { red, green, blue, white }
}
