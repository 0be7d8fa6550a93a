import fc from 'fast-check'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { addIccToJpeg } from '../../src/metadata/containers/jpeg.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { transform } from '../../src/transform.js'
import { makeIcc } from '../support/icc.js'
import { makeCutting } from '../support/jpeg-cuts.js'
import { makePicture } from '../support/pictures.js'
import { ADOBE_RGB, makeGreyProfile, makeRgbProfile, SRGB, SRGB_CURVE } from '../support/profiles.js'
import { columnsOf, functionTag, makeShaper, shaperProfiles } from '../support/random-profiles.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 150)
const JPEG: ImageOp = { format: 'jpeg' }

/** Returns 1 if the JPEG was transcoded without sharp, else 0. Throws if the bytes differ from sharp's. */
async function countTranscoded(bytes: Buffer, ops: readonly ImageOp[]): Promise<number> {
  const [mine, sharps] = [await makeCutting(bytes, ops, true), await makeCutting(bytes, ops, false)]
  if (!mine.data.equals(sharps.data)) throw new Error('The bytes differ from those of sharp.')
  return mine.remade
}

/** Makes a JPEG of strong colours, with EXIF but without a profile. */
async function makeColourful(
  width: number,
  height: number,
  encode: (image: Sharp) => Sharp = (image) => image.jpeg({ quality: 92 }),
  orientation = 1,
): Promise<Buffer> {
  const picture = await sharp(await makePicture('rgb', 211, 157))
    .modulate({ saturation: 6 })
    .linear(1.6, -70)
    .resize(width, height, { fit: 'fill' })
    .withExif({ IFD0: { Copyright: 'Ada' } })
    .withMetadata({ orientation })
    .png()
    .toBuffer()
  // keepExif adds no profile, unlike withMetadata.
  return encode(sharp(picture).keepExif()).toBuffer()
}

const curve = functionTag(3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045])
const adobe = makeRgbProfile(ADOBE_RGB, 563 / 256).icc

describe('transcoding a JPEG with a profile', () => {
  const side = fc.oneof(
    fc.constantFrom(16, 32, 64, 75, 96, 100, 128, 160, 200),
    fc.integer({ min: 1, max: 210 }),
  )
  const factor = fc.oneof(
    fc.double({ min: 1.01, max: 4, noNaN: true }),
    fc.constantFrom(1.25, 2, 3, 4, 5, 8, 9, 10),
    fc.double({ min: 4, max: 30, noNaN: true }),
  )
  const metadata = fc.constantFrom<ImageOp[]>(
    [],
    [],
    [{ metadata: 'icc' }],
    [{ metadata: 'keep' }],
    [{ metadata: 'copyright' }],
    [{ metadata: ['icc', 'copyright'] }],
  )
  const fitting = fc.constantFrom({ fit: 'fill' as const }, { fit: 'cover' as const })

  it('gives the bytes of sharp for random profiles, sizes, orientations and metadata settings', async () => {
    let transcoded = 0
    await fc.assert(
      fc.asyncProperty(
        shaperProfiles,
        fc.record({ width: side, height: side }),
        factor,
        fc.integer({ min: 1, max: 8 }),
        fc.record({
          progressive: fc.boolean(),
          quality: fc.integer({ min: 30, max: 100 }),
          chromaSubsampling: fc.constantFrom('4:2:0', '4:4:4'),
        }),
        metadata,
        fitting,
        async (icc, to, factor, orientation, encoding, kept, how) => {
          const width = Math.min(1200, Math.max(to.width + 1, Math.round(to.width * factor)))
          const height = Math.min(1200, Math.max(to.height + 1, Math.round(to.height * factor)))
          const plain = await makeColourful(width, height, (image) => image.jpeg(encoding), orientation)
          const size = orientation > 4 ? { width: to.height, height: to.width } : to
          transcoded += await countTranscoded(addIccToJpeg(plain, icc), [
            { resize: { ...size, ...how } },
            ...kept,
            JPEG,
          ])
        },
      ),
      { numRuns: RUNS },
    )
    expect(transcoded).toBeGreaterThan(RUNS * 0.55)
  })

  it('gives the bytes of sharp for random profiles of pictures that are small enough already', async () => {
    let transcoded = 0
    await fc.assert(
      fc.asyncProperty(shaperProfiles, side, side, metadata, async (icc, width, height, kept) => {
        const jpeg = addIccToJpeg(await makeColourful(width, height), icc)
        transcoded += await countTranscoded(jpeg, [...kept, JPEG])
      }),
      { numRuns: RUNS },
    )
    expect(transcoded).toBeGreaterThan(RUNS * 0.6)
  })

  it('gives the bytes of sharp through transform, for each metadata setting', async () => {
    const jpeg = addIccToJpeg(await makeColourful(800, 600), adobe)
    const settings: ImageOp[][] = [
      [],
      [{ metadata: 'icc' }],
      [{ metadata: 'keep' }],
      [{ metadata: 'copyright' }],
      [{ autoOrient: false }],
    ]
    for (const kept of settings) {
      const ops: ImageOp[] = [{ thumbnail: 90 }, ...kept, JPEG]
      const sharps = await makeCutting(jpeg, ops, false)
      // transform starts its threads after some files.
      for (let time = 0; time < 10; time++)
        expect((await transform(jpeg, ops)).data.equals(sharps.data), JSON.stringify(kept)).toBe(true)
    }
  })

  it('changes colours for Adobe RGB, and none for sRGB by value', async () => {
    const plain = await makeColourful(400, 300)
    const ops: ImageOp[] = [{ thumbnail: 100 }, JPEG]
    const { data: untouched } = await makeCutting(plain, ops, true)
    const srgb = [
      makeRgbProfile(SRGB, SRGB_CURVE).icc,
      makeShaper(columnsOf(makeRgbProfile(SRGB, 2.2).icc), [curve, curve, curve]),
    ]
    for (const icc of srgb) {
      const made = await makeCutting(addIccToJpeg(plain, icc), ops, true)
      expect([made.remade, made.data.equals(untouched)]).toEqual([1, true])
    }
    const converted = await makeCutting(addIccToJpeg(plain, adobe), ops, true)
    expect([converted.remade, converted.data.equals(untouched)]).toEqual([1, false])
  })

  it('keeps a profile that needs several segments', async () => {
    const long = makeShaper(columnsOf(adobe), [curve, curve, curve], [['priv', Buffer.alloc(200_000, 7)]])
    const jpeg = addIccToJpeg(await makeColourful(400, 300), long)
    const ops: ImageOp[] = [{ thumbnail: 100 }, { metadata: 'icc' }, JPEG]
    expect(await countTranscoded(jpeg, ops)).toBe(1)
    const { data } = await makeCutting(jpeg, ops, true)
    expect((await sharp(data).metadata()).icc?.equals(long)).toBe(true)
  })

  it('does not mix up the profiles of files that follow each other', async () => {
    const plain = await makeColourful(300, 200)
    const ops: ImageOp[] = [{ thumbnail: 60 }, JPEG]
    const wide = makeRgbProfile(ADOBE_RGB, 1.8).icc
    for (const jpeg of [plain, addIccToJpeg(plain, adobe), plain, addIccToJpeg(plain, wide), plain])
      expect(await countTranscoded(jpeg, ops)).toBe(1)
  })
})

describe('other outputs of a JPEG with a profile', () => {
  it('have the bytes of sharp for random profiles, operations, formats and metadata settings', async () => {
    let used = 0
    const side = fc.integer({ min: 1, max: 90 })
    const after = fc.constantFrom<ImageOp[]>(
      [],
      [{ blur: 1 }],
      [{ pad: { top: 3, background: 'red' } }],
      [{ rotate: 90 }, { negate: true }],
      [{ grayscale: true }],
      [{ tint: 'navy' }],
    )
    const format = fc.constantFrom<ImageOp>(
      { format: { type: 'webp', lossless: true } },
      { format: 'png' },
      { format: { type: 'jpeg', progressive: true } },
      { format: 'tiff' },
      { format: { type: 'avif', effort: 0 } },
    )
    const kept = fc.constantFrom<ImageOp[]>([], [{ metadata: 'icc' }], [{ metadata: 'keep' }])
    await fc.assert(
      fc.asyncProperty(
        shaperProfiles,
        side,
        fc.integer({ min: 1, max: 8 }),
        after,
        fc.tuple(kept, format),
        async (icc, width, turn, behind, [settings, into]) => {
          const jpeg = addIccToJpeg(await makeColourful(400, 300, undefined, turn), icc)
          const ops: ImageOp[] = [{ resize: { width } }, ...behind, ...settings, into]
          const [mine, sharps] = [await makeCutting(jpeg, ops, true), await makeCutting(jpeg, ops, false)]
          expect(mine.data.equals(sharps.data)).toBe(true)
          used += mine.count
        },
      ),
      { numRuns: RUNS },
    )
    expect(used).toBeGreaterThan(RUNS * 0.4)
  })
})

describe('transcoding a JPEG with a profile is left to sharp', () => {
  const lookup = makeIcc('RGB ', [['A2B0', Buffer.alloc(64)]], 'Lab ')

  it.each<[string, Buffer]>([
    ['a profile of lookup tables', lookup],
    ['a grey profile of an RGB picture', makeGreyProfile(2.2).icc],
    ['a profile that is cut off', adobe.subarray(0, adobe.length - 40)],
    ['a profile of version 5', Object.assign(Buffer.from(adobe), { 8: 5 })],
  ])('for %s', async (_, icc) => {
    const jpeg = addIccToJpeg(await makeColourful(400, 300), icc)
    expect(await countTranscoded(jpeg, [{ thumbnail: 100 }, JPEG])).toBe(0)
  })

  it('for an orientation that is not applied, but not for kept XMP', async () => {
    const jpeg = addIccToJpeg(
      await makeColourful(
        400,
        300,
        (image) => image.withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>').jpeg(),
        6,
      ),
      adobe,
    )
    expect(await countTranscoded(jpeg, [{ thumbnail: 100 }, { metadata: 'xmp' }, JPEG])).toBe(1)
    expect(await countTranscoded(jpeg, [{ thumbnail: 100 }, { autoOrient: false }, JPEG])).toBe(0)
  })
})
