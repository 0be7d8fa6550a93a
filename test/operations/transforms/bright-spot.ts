import sharp from 'sharp'
import { makePlain, makeQuarters } from '../../support/pictures.js'

/** Returns a dark PNG of 120x40 with a bright square of 16x16 near its right edge. */
export async function makeBrightSpot(): Promise<Buffer> {
  const spot = { input: await makeQuarters(16, 16), left: 92, top: 12 }
  return sharp(await makePlain(120, 40, '#444'))
    .composite([spot])
    .png()
    .toBuffer()
}
