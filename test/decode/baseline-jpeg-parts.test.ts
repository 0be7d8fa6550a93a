import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { shrinkOnLoad } from '../../src/core/scaling.js'
import type { JpegPart } from '../../src/core/fast-jpeg.js'
import type { RawPixels } from '../../src/core/types.js'
import { startFastJpeg } from '../support/fast-jpeg.js'
import { cjpeg, hasTools } from '../support/jpeg-tools.js'
import { fixture, makePicture } from '../support/pictures.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60)
const PARTS: readonly JpegPart[] = [1, 2, 4, 8]
/** How much smaller a picture becomes, so that sharp has it decoded at that part of its size. */
const FACTORS = { 1: 1.7, 2: 3.3, 4: 6.1, 8: 10.3 }

let fast: Awaited<ReturnType<typeof startFastJpeg>>
let picture: Buffer

beforeAll(async () => {
  fast = await startFastJpeg()
  picture = await makePicture('rgb', 203, 157)
})

/** At which parts of its size a file is decoded and scaled; throws where that gives other pixels than sharp. */
async function partsAlike(jpeg: Uint8Array, failOn: 'warning' | 'error' = 'warning'): Promise<JpegPart[]> {
  const parts: JpegPart[] = []
  const { width, height } = await sharp(jpeg, { failOn: 'none' }).metadata()
  for (const part of PARTS) {
    const size = {
      width: Math.max(1, Math.floor(width / FACTORS[part])),
      height: Math.max(1, Math.floor(height / FACTORS[part])),
    }
    // Of few pixels so much more may be left.
    if (shrinkOnLoad({ width, height }, size) !== part) continue
    const scaled = await fast.shrink(jpeg, part, { ...size, orientation: 1, cover: undefined })
    if (scaled === undefined) continue
    check(
      scaled,
      await sharp(jpeg, { failOn })
        .resize({ ...size, fit: 'fill' })
        .raw()
        .toBuffer(),
    )
    parts.push(part)
  }
  const whole = await fast.decode(jpeg, 1)
  if (whole !== undefined) check(whole, await sharp(jpeg, { failOn }).raw().toBuffer())
  return parts
}

function check({ bytes }: RawPixels, wanted: Buffer): void {
  if (Buffer.compare(bytes, wanted) !== 0) throw new Error('These are other pixels than sharp makes.')
}

describe('a baseline JPEG', () => {
  it('is decoded at a part of its size, and scaled, to libjpeg’s and libvips’ pixels', async () => {
    const side = fc.integer({ min: 24, max: 200 })
    const options = fc.record({
      quality: fc.integer({ min: 1, max: 100 }),
      chromaSubsampling: fc.constantFrom('4:2:0', '4:4:4'),
      optimiseCoding: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(side, side, options, async (width, height, options) => {
        const small = sharp(picture).resize(width, height, { fit: 'fill' })
        expect(await partsAlike(await small.jpeg(options).toBuffer())).toEqual(PARTS)
      }),
      { numRuns: RUNS },
    )
  })

  it('may be noise, whose blocks are full to the last coefficient', async () => {
    const bytes = fc.uint8Array({ minLength: 64 * 48 * 3, maxLength: 64 * 48 * 3 })
    const quality = fc.constantFrom(30, 80, 97, 100)
    await fc.assert(
      fc.asyncProperty(bytes, quality, async (bytes, quality) => {
        const noise = sharp(bytes, { raw: { width: 64, height: 48, channels: 3 } })
        expect(await partsAlike(await noise.jpeg({ quality }).toBuffer())).toEqual(PARTS)
      }),
      { numRuns: RUNS },
    )
  })

  it('may be a photo', async () => {
    const photo = sharp(await fixture('photos/landscape.jpg')).resize(200)
    expect(await partsAlike(await photo.jpeg({ quality: 90 }).toBuffer())).toEqual(PARTS)
  })

  it('may be a pixel across', async () => {
    const options = { chromaSubsampling: '4:2:0' } as const
    for (const [width, height] of [
      [1, 40],
      [2, 30],
      [3, 50],
      [40, 1],
      [5, 5],
    ] as const) {
      const jpeg = await sharp(picture).resize(width, height, { fit: 'fill' }).jpeg(options).toBuffer()
      expect(await partsAlike(jpeg)).toContain(1)
    }
  })

  it('that is damaged is made to what libjpeg makes of it, or left to it', async () => {
    const plain = await sharp(picture).resize(120, 90).jpeg({ quality: 60 }).toBuffer()
    const change = fc.record({ at: fc.nat(plain.length - 1), value: fc.nat(255) })
    let made = 0
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const damaged = Buffer.from(plain)
        for (const { at, value } of changes) damaged[at] = value
        const header = await sharp(damaged, { failOn: 'none' })
          .metadata()
          .catch(() => undefined)
        if (header !== undefined && header.width * header.height < 1e6)
          made += (await partsAlike(damaged, 'error')).length
      }),
      { numRuns: RUNS * 3 },
    )
    expect(made).toBeGreaterThan(0)
  })
})

describe.skipIf(!hasTools)('a JPEG of libjpeg-turbo (skipped without libjpeg-turbo-progs)', () => {
  it.each<[string, readonly JpegPart[]]>([
    ['1x1', PARTS],
    ['2x1', PARTS],
    ['2x2', PARTS],
    // libjpeg comes to pixels in other ways.
    ['4x1', [8]],
    ['1x2', [8]],
    ['3x1', [8]],
  ])('sampled %s is made alike at some parts of its size', async (sampling, parts) => {
    expect(await partsAlike(await cjpeg(picture, '-sample', sampling))).toEqual(parts)
  })

  it.each(['1', '3', '1B', '7B', '200B'])('may have restarts every %s', async (interval) => {
    for (const sampling of ['1x1', '2x1', '2x2']) {
      const jpeg = await cjpeg(picture, '-sample', sampling, '-restart', interval)
      expect(await partsAlike(jpeg), sampling).toEqual(PARTS)
    }
  })
})
