import sharp from 'sharp'
import { shrinkOnLoad } from '../../src/render/passes/shrink-on-load.js'
import type { FastCodec, ScaleDenominator } from '../../src/codec/types.js'
import type { FailOn } from '../../src/image/types.js'
import type { RawPixels } from '../../src/picture.js'

export const DENOMINATORS: readonly ScaleDenominator[] = [1, 2, 4, 8]
/** Resize factors for which sharp decodes at 1/n. */
const FACTORS = { 1: 1.7, 2: 3.3, 4: 6.1, 8: 10.3 }

/** Returns the scale denominators at which a file is decoded and resized; throws if pixels differ from sharp's. */
export async function matchingScales(
  fast: FastCodec,
  jpeg: Uint8Array,
  failOn: FailOn = 'warning',
): Promise<ScaleDenominator[]> {
  const scales: ScaleDenominator[] = []
  const { width, height } = await sharp(jpeg, { failOn: 'none' }).metadata()
  for (const denominator of DENOMINATORS) {
    const size = {
      width: Math.max(1, Math.floor(width / FACTORS[denominator])),
      height: Math.max(1, Math.floor(height / FACTORS[denominator])),
    }
    // Rounding of small sizes may lead to another scale.
    if (shrinkOnLoad({ width, height }, size) !== denominator) continue
    const scaled = await fast.decodeScaled(jpeg, denominator, { ...size, orientation: 1, cover: undefined })
    if (scaled === undefined) continue
    const wanted = await sharp(jpeg, { failOn })
      .resize({ ...size, fit: 'fill' })
      .raw()
      .toBuffer()
      .catch((error: unknown) => {
        // At 1/8 libvips may give up after many warnings in scans of a progressive file that are not needed.
        if (denominator < 8) throw error
      })
    if (wanted !== undefined) check(scaled, wanted)
    scales.push(denominator)
  }
  const whole = await fast.decode(jpeg, 1)
  if (whole !== undefined) check(whole, await sharp(jpeg, { failOn }).raw().toBuffer())
  return scales
}

function check({ bytes }: RawPixels, wanted: Buffer): void {
  if (Buffer.compare(bytes, wanted) !== 0) throw new Error('Pixels differ from sharp.')
}
