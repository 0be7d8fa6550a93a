import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { JpegPart } from '../../src/core/fast-jpeg.js'
import { startFastJpeg } from '../support/fast-jpeg.js'
import { PARTS, partsAlike } from '../support/jpeg-parts.js'
import { cjpeg, hasTools } from '../support/jpeg-tools.js'
import { fixture, makePicture } from '../support/pictures.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60)
let fast: Awaited<ReturnType<typeof startFastJpeg>>
let picture: Buffer

beforeAll(async () => {
  fast = await startFastJpeg()
  picture = await makePicture('rgb', 203, 157)
})

const partsOf = (jpeg: Uint8Array) => partsAlike(fast, jpeg)

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
        expect(await partsOf(await small.jpeg(options).toBuffer())).toEqual(PARTS)
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
        expect(await partsOf(await noise.jpeg({ quality }).toBuffer())).toEqual(PARTS)
      }),
      { numRuns: RUNS },
    )
  })

  it('may be a photo', async () => {
    const photo = sharp(await fixture('photos/landscape.jpg')).resize(200)
    expect(await partsOf(await photo.jpeg({ quality: 90 }).toBuffer())).toEqual(PARTS)
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
      expect(await partsOf(jpeg)).toContain(1)
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
          made += (await partsAlike(fast, damaged, 'error')).length
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
    expect(await partsOf(await cjpeg(picture, '-sample', sampling))).toEqual(parts)
  })

  it.each(['1', '3', '1B', '7B', '200B'])('may have restarts every %s', async (interval) => {
    for (const sampling of ['1x1', '2x1', '2x2']) {
      const jpeg = await cjpeg(picture, '-sample', sampling, '-restart', interval)
      expect(await partsOf(jpeg), sampling).toEqual(PARTS)
    }
  })
})
