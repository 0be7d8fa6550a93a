import fc from 'fast-check'
import sharp, { type JpegOptions } from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { FailOn } from '../../src/image/types.js'
import { startFastCodec } from '../support/fast-codec.js'
import { DENOMINATORS, matchingScales } from '../support/jpeg-scales.js'
import { cjpeg, hasTools } from '../support/jpeg-tools.js'
import { fixture, makePicture } from '../support/pictures.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60)

interface Kind {
  readonly kind: string
  readonly as: JpegOptions
  readonly damaged: FailOn
  readonly switches: readonly string[]
}

const KINDS: readonly Kind[] = [
  { kind: 'baseline', as: {}, damaged: 'error', switches: [] },
  // libjpeg may report damage in scans that are not needed at 1/8.
  { kind: 'progressive', as: { progressive: true }, damaged: 'none', switches: ['-progressive'] },
]

let fast: Awaited<ReturnType<typeof startFastCodec>>
let picture: Buffer

beforeAll(async () => {
  fast = await startFastCodec()
  picture = await makePicture('rgb', 203, 157)
})

const scalesOf = (jpeg: Uint8Array) => matchingScales(fast, jpeg)

describe.each(KINDS)('scaled decode of a $kind JPEG', ({ as, damaged: failOn }) => {
  it('matches libjpeg and libvips at all scales', async () => {
    const side = fc.integer({ min: 24, max: 200 })
    const options = fc.record({
      quality: fc.integer({ min: 1, max: 100 }),
      chromaSubsampling: fc.constantFrom('4:2:0', '4:4:4'),
      optimiseCoding: fc.boolean(),
      optimiseScans: as.progressive === true ? fc.boolean() : fc.constant(false),
      overshootDeringing: fc.boolean(),
      quantisationTable: fc.constantFrom(0, 3),
      trellisQuantisation: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(side, side, options, async (width, height, options) => {
        const small = sharp(picture).resize(width, height, { fit: 'fill' })
        expect(await scalesOf(await small.jpeg({ ...as, ...options }).toBuffer())).toEqual(DENOMINATORS)
      }),
      { numRuns: RUNS },
    )
  })

  it('matches for noise, whose blocks have no zero coefficients', async () => {
    const bytes = fc.uint8Array({ minLength: 64 * 48 * 3, maxLength: 64 * 48 * 3 })
    const quality = fc.constantFrom(30, 80, 97, 100)
    await fc.assert(
      fc.asyncProperty(bytes, quality, async (bytes, quality) => {
        const noise = sharp(bytes, { raw: { width: 64, height: 48, channels: 3 } })
        expect(await scalesOf(await noise.jpeg({ ...as, quality }).toBuffer())).toEqual(DENOMINATORS)
      }),
      { numRuns: RUNS },
    )
  })

  it('matches for a photo', async () => {
    const photo = sharp(await fixture('photos/landscape.jpg')).resize(200)
    expect(await scalesOf(await photo.jpeg({ ...as, quality: 90 }).toBuffer())).toEqual(DENOMINATORS)
  })

  it('matches for pictures of a few pixels across', async () => {
    for (const [width, height] of [
      [1, 40],
      [2, 30],
      [3, 50],
      [40, 1],
      [5, 5],
    ] as const) {
      const small = sharp(picture).resize(width, height, { fit: 'fill' })
      expect(await scalesOf(await small.jpeg({ ...as, chromaSubsampling: '4:2:0' }).toBuffer())).toContain(1)
    }
  })

  it('matches or rejects a damaged file', async () => {
    const small = sharp(picture).resize(120, 90)
    const plain = await small.jpeg({ ...as, quality: 60 }).toBuffer()
    const change = fc.record({ at: fc.nat(plain.length - 1), value: fc.nat(255) })
    let matched = 0
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const damaged = Buffer.from(plain)
        for (const { at, value } of changes) damaged[at] = value
        const header = await sharp(damaged, { failOn: 'none' })
          .metadata()
          .catch(() => undefined)
        if (header !== undefined && header.width * header.height < 1e6)
          matched += (await matchingScales(fast, damaged, failOn)).length
      }),
      { numRuns: RUNS * 3 },
    )
    expect(matched).toBeGreaterThan(0)
  })
})

describe.skipIf(!hasTools).each(KINDS)(
  'scaled decode of a $kind JPEG of libjpeg-turbo (skipped without libjpeg-turbo-progs)',
  ({ switches }) => {
    it.each(['1', '3', '1B', '7B', '200B'])('matches with restart interval %s', async (interval) => {
      for (const sampling of ['1x1', '2x1', '2x2']) {
        const jpeg = await cjpeg(picture, ...switches, '-sample', sampling, '-restart', interval)
        expect(await scalesOf(jpeg), sampling).toEqual(DENOMINATORS)
      }
    })
  },
)
