import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { addIccToJpeg, jpegSegments } from '../../src/metadata/containers/jpeg.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { makeCutting } from '../support/jpeg-cuts.js'
import { makePicture } from '../support/pictures.js'
import { DISPLAY_P3, makeGreyProfile, makeRgbProfile } from '../support/profiles.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 150)
const JPEG: ImageOp = { format: 'jpeg' }
const GREY = makeGreyProfile(2.2).icc
const P3 = makeRgbProfile(DISPLAY_P3, 2.2).icc

/** Returns 1 if the JPEG was transcoded without sharp, else 0. Throws if the bytes differ from sharp's. */
async function countTranscoded(bytes: Buffer, ops: readonly ImageOp[]): Promise<number> {
  const [mine, sharps] = [await makeCutting(bytes, ops, true), await makeCutting(bytes, ops, false)]
  if (!mine.data.equals(sharps.data)) throw new Error('The bytes differ from those of sharp.')
  const { channels } = await sharp(mine.data).metadata()
  if (channels !== 1) throw new Error('The output is not grey.')
  return mine.remade
}

async function makeGrey(width: number, height: number, options = {}, orientation = 1): Promise<Buffer> {
  const turned = await sharp(await makePicture('grey', width, height))
    .withExif({ IFD0: { Copyright: 'Ada' } })
    .withMetadata({ orientation })
    .toColourspace('b-w')
    .png()
    .toBuffer()
  return sharp(turned).keepExif().toColourspace('b-w').jpeg(options).toBuffer()
}

const SAMPLING = 7
const FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc2])

/** Sets the sampling factors of the one component. */
function withSampling(jpeg: Buffer, factors: number): Buffer {
  const copy = Buffer.from(jpeg)
  for (const { marker, body } of jpegSegments(copy)) if (FRAMES.has(marker)) body[SAMPLING] = factors
  return copy
}

describe('transcoding a grey JPEG', () => {
  const side = fc.oneof(
    fc.constantFrom(8, 16, 32, 64, 75, 96, 100, 128, 160, 200),
    fc.integer({ min: 1, max: 230 }),
  )
  const factor = fc.oneof(
    fc.double({ min: 1.01, max: 4, noNaN: true }),
    fc.constantFrom(1.25, 2, 3, 3.2, 4, 5, 6.4, 8, 9, 10, 12, 16),
    fc.double({ min: 4, max: 60, noNaN: true }),
  )
  const profile = fc.constantFrom(undefined, undefined, P3, GREY)
  const metadata = fc.constantFrom<ImageOp[]>([], [{ metadata: 'icc' }], [{ metadata: 'keep' }])

  it('gives the bytes of sharp for random sizes, encodings, orientations, profiles and metadata settings', async () => {
    let transcoded = 0
    await fc.assert(
      fc.asyncProperty(
        fc.record({ width: side, height: side }),
        factor,
        fc.double({ min: 1, max: 1.4, noNaN: true }),
        fc.integer({ min: 1, max: 8 }),
        fc.record({ progressive: fc.boolean(), quality: fc.integer({ min: 1, max: 100 }) }),
        fc.record({
          quality: fc.integer({ min: 1, max: 100 }),
          chromaSubsampling: fc.constantFrom('4:2:0' as const, '4:4:4' as const),
        }),
        fc.tuple(profile, metadata, fc.constantFrom(0x11, 0x22, 0x21, 0x44)),
        fc.constantFrom({ fit: 'fill' as const }, { fit: 'cover' as const, position: 'left' }),
        async (to, factor, stretch, orientation, from, into, [icc, kept, sampling], how) => {
          const width = Math.min(1200, Math.max(to.width + 1, Math.round(to.width * factor)))
          const height = Math.min(1200, Math.max(to.height + 1, Math.round(to.height * factor * stretch)))
          const jpeg = withSampling(await makeGrey(width, height, from, orientation), sampling)
          const size = orientation > 4 ? { width: to.height, height: to.width } : to
          transcoded += await countTranscoded(icc === undefined ? jpeg : addIccToJpeg(jpeg, icc), [
            { resize: { ...size, ...how } },
            ...kept,
            { format: { type: 'jpeg', ...into } },
          ])
        },
      ),
      { numRuns: RUNS },
    )
    expect(transcoded).toBeGreaterThan(RUNS * 0.6)
  })

  it('gives the bytes of sharp for random pictures that are small enough already', async () => {
    let transcoded = 0
    await fc.assert(
      fc.asyncProperty(
        side,
        side,
        fc.boolean(),
        fc.integer({ min: 1, max: 8 }),
        async (width, height, progressive, turn) => {
          transcoded += await countTranscoded(await makeGrey(width, height, { progressive }, turn), [JPEG])
        },
      ),
      { numRuns: RUNS },
    )
    expect(transcoded).toBeGreaterThan(RUNS * 0.9)
  })

  it('keeps a grey profile, ignores one for colours, and leaves one to sharp that it has to apply', async () => {
    const jpeg = await makeGrey(400, 300)
    const [thumbnail, keep]: ImageOp[] = [{ thumbnail: 100 }, { metadata: 'icc' }]
    expect(await countTranscoded(addIccToJpeg(jpeg, GREY), [thumbnail!, keep!, JPEG])).toBe(1)
    expect(await countTranscoded(addIccToJpeg(jpeg, P3), [thumbnail!, keep!, JPEG])).toBe(1)
    expect(await countTranscoded(addIccToJpeg(jpeg, P3), [thumbnail!, JPEG])).toBe(1)
    expect(await countTranscoded(addIccToJpeg(jpeg, GREY), [thumbnail!, JPEG])).toBe(0)
  })

  it('does not mix up grey and colour files that follow each other', async () => {
    const colour = await sharp(await makePicture('rgb', 400, 300))
      .jpeg()
      .toBuffer()
    const ops: ImageOp[] = [{ thumbnail: 100 }, JPEG]
    const [first, sharps] = [await makeCutting(colour, ops, true), await makeCutting(colour, ops, false)]
    expect(first.data.equals(sharps.data)).toBe(true)
    expect(await countTranscoded(await makeGrey(400, 300), ops)).toBe(1)
    expect((await makeCutting(colour, ops, true)).data.equals(sharps.data)).toBe(true)
  })

  it('is left to sharp if an operation adds a colour', async () => {
    const { data, remade } = await makeCutting(
      await makeGrey(400, 300),
      [{ resize: { width: 100, height: 100, fit: 'contain', background: 'red' } }, JPEG],
      true,
    )
    expect([remade, (await sharp(data).metadata()).channels]).toEqual([0, 3])
  })
})
