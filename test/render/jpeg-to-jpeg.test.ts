import fc from 'fast-check'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { wantsTranscode } from '../../src/render/jpeg-to-jpeg.js'
import type { FailOn } from '../../src/image/types.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { makeCutting } from '../support/jpeg-cuts.js'
import { makePicture } from '../support/pictures.js'
import { withPreview } from '../support/previews.js'
import { makeCorner, makeUltraHdr } from '../support/ultra-hdr.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 150)

async function makeJpeg(change = (image: Sharp) => image.jpeg(), width = 400, height = 300) {
  return change(sharp(await makePicture('rgb', width, height))).toBuffer()
}

/** Returns 1 if the JPEG was transcoded without sharp, else 0. Throws if the bytes differ from sharp's. */
async function countTranscoded(bytes: Buffer, ops: readonly ImageOp[], failOn?: FailOn): Promise<number> {
  const [mine, sharps] = [
    await makeCutting(bytes, ops, true, failOn),
    await makeCutting(bytes, ops, false, failOn),
  ]
  if (!mine.data.equals(sharps.data)) throw new Error('The bytes differ from those of sharp.')
  return mine.remade
}

const JPEG: ImageOp = { format: 'jpeg' }

describe('transcoding a JPEG without sharp', () => {
  // Some usual sizes map output pixels exactly between two kernels.
  const usual = fc.constantFrom(8, 16, 20, 32, 48, 64, 75, 80, 96, 100, 128, 150, 160, 200, 256)
  const side = fc.oneof(usual, fc.integer({ min: 1, max: 260 }))
  const factor = fc.oneof(
    fc.double({ min: 1.01, max: 2.99, noNaN: true }),
    fc.double({ min: 3, max: 12, noNaN: true }),
    fc.constantFrom(1.25, 1.5, 1.6, 2, 2.5, 3, 3.2, 4, 5, 6.4, 8, 9, 10, 12, 16),
    fc.double({ min: 12, max: 100, noNaN: true }),
  )

  it('gives the bytes of sharp for random sizes, qualities, chroma subsamplings and orientations', async () => {
    let transcoded = 0
    const encoding = fc.record({
      quality: fc.integer({ min: 1, max: 100 }),
      chromaSubsampling: fc.constantFrom('4:2:0' as const, '4:4:4' as const),
    })
    const fitting = fc.oneof(
      fc.constant({ fit: 'fill' as const }),
      fc.record({
        fit: fc.constant('cover' as const),
        position: fc.constantFrom('centre', 'top', 'right', 'bottom', 'left', 'northwest', 'southeast'),
      }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.record({ width: side, height: side }),
        factor,
        fc.double({ min: 1, max: 1.4, noNaN: true }),
        fc.integer({ min: 1, max: 8 }),
        fc.record({ scanned: fc.boolean(), from: encoding }),
        encoding,
        fitting,
        async (to, factor, stretch, orientation, { scanned, from }, into, how) => {
          // Allows the other side to shrink further.
          const width = Math.min(1200, Math.max(to.width + 1, Math.round(to.width * factor)))
          const height = Math.min(1200, Math.max(to.height + 1, Math.round(to.height * factor * stretch)))
          const source = await sharp(await makePicture('rgb', 211, 157))
            .resize(width, height, { fit: 'fill' })
            .withMetadata({ orientation })
            .png()
            .toBuffer()
          const jpeg = await sharp(source)
            .keepExif()
            .jpeg({ ...from, progressive: scanned })
            .toBuffer()
          const size = orientation > 4 ? { width: to.height, height: to.width } : to
          const ops: ImageOp[] = [{ resize: { ...size, ...how } }, { format: { type: 'jpeg', ...into } }]
          transcoded += await countTranscoded(jpeg, ops)
        },
      ),
      { numRuns: RUNS },
    )
    expect(transcoded).toBeGreaterThan(RUNS * 0.7)
  })

  it('gives the bytes of sharp for random pictures that are small enough already', async () => {
    let transcoded = 0
    await fc.assert(
      fc.asyncProperty(
        fc.record({ width: side, height: side }),
        fc.integer({ min: 1, max: 8 }),
        fc.record({ progressive: fc.boolean(), quality: fc.integer({ min: 1, max: 100 }) }),
        fc.constantFrom('4:2:0' as const, '4:4:4' as const),
        fc.constantFrom<ImageOp[]>([], [{ thumbnail: 260 }], [{ resize: 260 }]),
        async ({ width, height }, orientation, encoding, chromaSubsampling, ops) => {
          const turned = sharp(await makePicture('rgb', width, height)).withMetadata({ orientation })
          // keepExif adds no profile, unlike withMetadata.
          const jpeg = await sharp(await turned.png().toBuffer())
            .keepExif()
            .jpeg({ ...encoding, chromaSubsampling })
            .toBuffer()
          transcoded += await countTranscoded(jpeg, [...ops, JPEG])
        },
      ),
      { numRuns: RUNS },
    )
    expect(transcoded).toBeGreaterThan(RUNS * 0.9)
  })

  it.each<[string, ImageOp[]]>([
    ['a thumbnail', [{ thumbnail: '100x100' }]],
    ['a width', [{ resize: 120 }, JPEG]],
    ['a resize that covers a square', [{ resize: '100x100' }]],
    [
      'a thumbnail that covers a square from an edge',
      [{ thumbnail: { width: 90, height: 90, fit: 'cover', position: 'left' } }],
    ],
    ['a stretched size', [{ resize: { width: 50, height: 60, fit: 'fill' } }]],
    [
      'a quality with neverGrow',
      [{ thumbnail: 90 }, { format: { type: 'jpeg', quality: 55, neverGrow: true } }],
    ],
    ['a thumbnail after an operation that does nothing', [{ resize: 400 }, { thumbnail: 90 }]],
  ])('gives the bytes of sharp for %s', async (_, ops) => {
    expect(await countTranscoded(await makeJpeg(), ops)).toBe(1)
  })

  it('gives the bytes of sharp for other Huffman tables, progressive scans, and stripped EXIF and XMP', async () => {
    const ops: ImageOp[] = [{ thumbnail: 100 }]
    for (const change of [
      (image: Sharp) => image.jpeg({ optimiseCoding: false }),
      (image: Sharp) => image.withExif({ IFD0: { Copyright: 'Ada' } }).jpeg({ quality: 99 }),
      (image: Sharp) => image.jpeg({ mozjpeg: true }),
      (image: Sharp) => image.withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>').jpeg(),
      (image: Sharp) => image.jpeg({ trellisQuantisation: true, quantisationTable: 3 }),
    ])
      expect(await countTranscoded(await makeJpeg(change), ops)).toBe(1)
  })

  it('gives the bytes of sharp with metadata that is written or kept', async () => {
    const written: ImageOp = { write: { artist: 'Ann Lee', altText: 'A hill', density: 300 } }
    const xmp =
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about=""/></r:RDF></x:xmpmeta>'
    const plain = await makeJpeg()
    const described = await makeJpeg((image) => image.withXmp(xmp).jpeg())
    const profiled = await makeJpeg((image) => image.withIccProfile('p3').jpeg())
    expect(await countTranscoded(plain, [{ thumbnail: 100 }, written])).toBe(1)
    expect(await countTranscoded(described, [{ thumbnail: 100 }, { metadata: 'xmp' }])).toBe(1)
    expect(await countTranscoded(described, [{ thumbnail: 100 }, written, { metadata: 'keep' }])).toBe(1)
    expect(await countTranscoded(profiled, [{ thumbnail: 100 }, written, { metadata: 'icc' }])).toBe(1)
  })

  it('gives the bytes of sharp from an embedded preview that was decoded already', async () => {
    const photo = await makeJpeg(undefined, 640, 480)
    for (const [width, height] of [
      [160, 120],
      [256, 192],
    ] as const) {
      const small = await makeJpeg((image) => image.jpeg({ quality: 85 }), width, height)
      const file = withPreview(photo, small)
      // Below half its size, the preview is decoded again, at a smaller size.
      for (let to = Math.ceil(width * 0.4); to < width; to += 7) {
        const ops: ImageOp[] = [{ preview: 'embedded' }, { resize: { width: to } }, JPEG]
        expect(await countTranscoded(file, ops), `${width} to ${to}`).toBe(1)
      }
    }
  })

  it('supports the installed libvips and mozjpeg (after an update, verify and update VERIFIED_VERSIONS)', async () => {
    expect(await countTranscoded(await makeJpeg(), [{ thumbnail: 100 }])).toBe(1)
  })
})

describe('transcoding without sharp is left to sharp', () => {
  it.each<[string, ImageOp[]]>([
    ['an enlargement', [{ resize: { width: 500, enlarge: true } }]],
    ['a resize that keeps one side', [{ resize: { width: 400, height: 100, fit: 'fill' } }]],
    ['a resize with another kernel', [{ resize: { width: 100, kernel: 'cubic' } }]],
    ['a crop to the most striking part', [{ resize: { width: 100, height: 100, position: 'attention' } }]],
    ['a resize with a border', [{ resize: { width: 100, height: 100, fit: 'contain' } }]],
    ['a covering resize with another kernel', [{ resize: { width: 100, height: 100, kernel: 'mitchell' } }]],
    ['a second operation', [{ thumbnail: 100 }, { sharpen: 1 }]],
    ['an operation without scaling', [{ negate: true }]],
    ['another format', [{ thumbnail: 100 }, { format: 'webp' }]],
    ['mozjpeg', [{ thumbnail: 100 }, { format: { type: 'jpeg', mozjpeg: true } }]],
    ['progressive scans', [{ thumbnail: 100 }, { format: { type: 'jpeg', progressive: true } }]],
    ['maxBytes', [{ thumbnail: 100 }, { format: { type: 'jpeg', maxBytes: 2000 } }]],
  ])('for %s', async (_, ops) => {
    const source = await makeJpeg((image) => image.withExif({ IFD0: { Copyright: 'Ada' } }).jpeg())
    const output = ops.some((op) => 'format' in op) ? ops : [...ops, JPEG]
    expect(await countTranscoded(source, output)).toBe(0)
  })

  it.each<[string, (image: Sharp) => Sharp]>([
    ['CMYK source', (image) => image.toColourspace('cmyk').withIccProfile('cmyk').jpeg()],
    ['PNG source', (image) => image.png()],
  ])('for a %s', async (_, change) => {
    expect(await countTranscoded(await makeJpeg(change), [{ thumbnail: 100 }, JPEG])).toBe(0)
  })

  it('for a gain map, autoOrient: false, or failOn: warning', async () => {
    const withMap = makeUltraHdr(await makeJpeg(), await makeCorner(100, 75))
    expect(await countTranscoded(withMap, [{ thumbnail: 100 }, JPEG])).toBe(0)
    // withMetadata writes a profile, too. Copying only the EXIF drops it.
    const tagged = await makeJpeg((image) => image.withMetadata({ orientation: 6 }).jpeg())
    const turned = await sharp(tagged).keepExif().jpeg().toBuffer()
    expect(await countTranscoded(turned, [{ thumbnail: 100 }])).toBe(1)
    expect(await countTranscoded(turned, [{ autoOrient: false }, { thumbnail: 100 }])).toBe(0)
    expect(await countTranscoded(await makeJpeg(), [{ thumbnail: 100 }], 'warning')).toBe(0)
  })

  it('for so many pixels that libjpeg is as fast', async () => {
    const [less, more] = [await makeJpeg(undefined, 820, 600), await makeJpeg(undefined, 900, 600)]
    expect(await countTranscoded(less, [{ resize: 700 }])).toBe(1)
    expect(await countTranscoded(more, [{ resize: 700 }])).toBe(0)
    expect(await countTranscoded(more, [{ resize: 200 }])).toBe(1)
  })
})

describe('wantsTranscode', () => {
  it('returns true only for operations that scale to a JPEG', () => {
    expect(wantsTranscode([{ thumbnail: 100 }])).toBe(true)
    expect(wantsTranscode([{ thumbnail: 100 }, { preview: 'embedded' }, JPEG])).toBe(true)
    expect(wantsTranscode([{ resize: '100x100' }])).toBe(true)
    expect(wantsTranscode([{ thumbnail: 100 }, { format: 'webp' }])).toBe(false)
    expect(wantsTranscode([{ thumbnail: 100 }, { metadata: 'icc' }])).toBe(true)
    expect(wantsTranscode([{ thumbnail: 100 }, { metadata: 'keep' }])).toBe(false)
    expect(wantsTranscode([{ thumbnail: 100 }, { blur: 2 }])).toBe(false)
    expect(wantsTranscode([JPEG])).toBe(false)
  })
})
