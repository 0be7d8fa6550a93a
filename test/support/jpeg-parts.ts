import sharp from 'sharp'
import { shrinkOnLoad } from '../../src/render/passes/shrink-on-load.js'
import type { FastJpeg, ScaleDenominator } from '../../src/jpeg/types.js'
import type { FailOn } from '../../src/image/types.js'
import type { RawPixels } from '../../src/picture.js'

export const PARTS: readonly ScaleDenominator[] = [1, 2, 4, 8]
/** How much smaller a picture becomes, so that sharp has it decoded at that part of its size. */
const FACTORS = { 1: 1.7, 2: 3.3, 4: 6.1, 8: 10.3 }

/** At which parts of its size a file is decoded and scaled; throws where that gives other pixels than sharp. */
export async function partsAlike(
  fast: FastJpeg,
  jpeg: Uint8Array,
  failOn: FailOn = 'warning',
): Promise<ScaleDenominator[]> {
  const parts: ScaleDenominator[] = []
  const { width, height } = await sharp(jpeg, { failOn: 'none' }).metadata()
  for (const part of PARTS) {
    const size = {
      width: Math.max(1, Math.floor(width / FACTORS[part])),
      height: Math.max(1, Math.floor(height / FACTORS[part])),
    }
    // Of few pixels so much more may be left.
    if (shrinkOnLoad({ width, height }, size) !== part) continue
    const scaled = await fast.decodeScaled(jpeg, part, { ...size, orientation: 1, cover: undefined })
    if (scaled === undefined) continue
    const wanted = await sharp(jpeg, { failOn })
      .resize({ ...size, fit: 'fill' })
      .raw()
      .toBuffer()
      .catch((error: unknown) => {
        // At 1/8 libvips may give up on a progressive file for the warnings of scans that are passed over here.
        if (part < 8) throw error
      })
    if (wanted !== undefined) check(scaled, wanted)
    parts.push(part)
  }
  const whole = await fast.decode(jpeg, 1)
  if (whole !== undefined) check(whole, await sharp(jpeg, { failOn }).raw().toBuffer())
  return parts
}

function check({ bytes }: RawPixels, wanted: Buffer): void {
  if (Buffer.compare(bytes, wanted) !== 0) throw new Error('These are other pixels than sharp makes.')
}
