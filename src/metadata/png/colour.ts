import {
  BT709,
  describeColour,
  gammaCurve,
  primariesOf,
  SRGB_CURVE,
  transferOf,
  type Chromaticity,
  type ColourDescription,
  type Primaries,
} from '../colour-description.js'
import { readChunks, type PngChunks } from './chunks.js'

/** Colours of a PNG. */
export type PngColour =
  /** A profile, or nothing, which means sRGB. sharp reads it right. */
  | 'as-read'
  /** Another chunk says sRGB, and a profile says otherwise. */
  | 'srgb'
  | ColourDescription

/**
 * Reads the colours of a PNG from the chunks before its pixels: cICP before iCCP before sRGB before gAMA with cHRM. Returns
 * undefined if it is no PNG, or damaged. A chunk that browsers ignore is ignored: cICP with an unknown code or of video
 * range, gAMA of 0, cHRM without gAMA. (PNG, third edition, section 4.3; Chromium 156)
 */
export function readPngColour(png: Uint8Array): PngColour | undefined {
  const chunks = readChunks(png)
  if (chunks === undefined) return undefined
  const coded = readCodes(chunks)
  const hasProfile = chunks.has('iCCP')
  if (coded !== undefined) return coded === 'srgb' && !hasProfile ? 'as-read' : coded
  if (hasProfile || chunks.has('sRGB')) return 'as-read'
  return readGamma(chunks) ?? 'as-read'
}

/** Reads cICP. (PNG, third edition, section 11.3.2.6) */
function readCodes(chunks: PngChunks): ColourDescription | 'srgb' | undefined {
  const [primariesCode, transferCode, matrix, fullRange] = chunks.get('cICP') ?? []
  // The numbers of a PNG are red, green and blue.
  if (primariesCode === undefined || transferCode === undefined || matrix !== 0 || fullRange !== 1)
    return undefined
  const [primaries, transfer] = [primariesOf(primariesCode), transferOf(transferCode)]
  if (primaries === undefined || transfer === undefined) return undefined
  if (primaries === BT709 && transfer === SRGB_CURVE) return 'srgb'
  return describeColour(primaries, transfer, readPeak(chunks))
}

/** Returns the luminance of the brightest part of the content in cd/m², else that of the screen where it was made. */
function readPeak(chunks: PngChunks): number | undefined {
  const [content, screen] = [chunks.get('cLLI'), chunks.get('mDCV')]
  const ofContent = content?.length === 8 ? content.readUInt32BE(0) : 0
  const ofScreen = screen?.length === 24 ? screen.readUInt32BE(16) : 0
  // In steps of 0.0001 cd/m².
  return (ofContent || ofScreen) / 10_000 || undefined
}

/** Differences of the exponent up to it are ignored, as browsers do. */
const GAMMA_TOLERANCE = 0.05
/** Exponents beyond it are a mistake. */
const MAX_GAMMA = 100

/** Reads gAMA and cHRM. (PNG, third edition, sections 11.3.2.1 and 11.3.2.2) */
function readGamma(chunks: PngChunks): ColourDescription | undefined {
  const [gamma, chromaticities] = [chunks.get('gAMA'), chunks.get('cHRM')]
  const fileGamma = gamma?.length === 4 ? gamma.readUInt32BE(0) / 100_000 : 0
  if (fileGamma < 1 / MAX_GAMMA || fileGamma > MAX_GAMMA) return undefined
  const primaries = chromaticities?.length === 32 ? readPrimaries(chromaticities) : BT709
  if (!formsTriangle(primaries)) return undefined
  // With these values, sRGB is announced to programs that do not know the sRGB chunk.
  const isNearSrgb = Math.abs(fileGamma * 2.2 - 1) <= GAMMA_TOLERANCE
  if (isNearSrgb && isBt709(primaries)) return undefined
  return { primaries, transfer: gammaCurve(1 / fileGamma) }
}

function readPrimaries(data: Buffer): Primaries {
  const point = (at: number): Chromaticity => [
    data.readUInt32BE(at) / 100_000,
    data.readUInt32BE(at + 4) / 100_000,
  ]
  return { white: point(0), red: point(8), green: point(16), blue: point(24) }
}

function isBt709({ red, green, blue, white }: Primaries): boolean {
  const expected = [...BT709.red, ...BT709.green, ...BT709.blue, ...BT709.white]
  return [...red, ...green, ...blue, ...white].every((value, at) => Math.abs(value - expected[at]!) < 0.0005)
}

/** Returns false for points of which no white can be mixed. */
function formsTriangle({ red, green, blue, white }: Primaries): boolean {
  const [a, b] = [0, 1].map((at) => [green[at]! - red[at]!, blue[at]! - red[at]!])
  const area = a![0]! * b![1]! - a![1]! * b![0]!
  return Math.abs(area) > 0.001 && [red, green, blue, white].every(([x, y]) => x <= 1 && y > 0 && y <= 1)
}
