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

/** How often sharp wasn't needed, 0 or 1; throws where that changes a byte. */
async function countRemade(bytes: Buffer, ops: readonly ImageOp[], failOn?: FailOn): Promise<number> {
  const [mine, sharps] = [
    await makeCutting(bytes, ops, true, failOn),
    await makeCutting(bytes, ops, false, failOn),
  ]
  if (!mine.data.equals(sharps.data)) throw new Error('These are other bytes than sharp makes.')
  return mine.remade
}

const JPEG: ImageOp = { format: 'jpeg' }

describe('a JPEG is made of a JPEG without sharp, byte for byte as sharp makes it,', () => {
  // Sizes at which places in the source fall just between two kernels are among the usual ones.
  const usual = fc.constantFrom(8, 16, 20, 32, 48, 64, 75, 80, 96, 100, 128, 150, 160, 200, 256)
  const side = fc.oneof(usual, fc.integer({ min: 1, max: 260 }))
  const factor = fc.oneof(
    fc.double({ min: 1.01, max: 2.99, noNaN: true }),
    fc.double({ min: 3, max: 12, noNaN: true }),
    fc.constantFrom(1.25, 1.5, 1.6, 2, 2.5, 3, 3.2, 4, 5, 6.4, 8, 9, 10, 12, 16),
    fc.double({ min: 12, max: 100, noNaN: true }),
  )

  it('whatever the sizes, qualities, samplings and orientations', async () => {
    let remade = 0
    const encoding = fc.record({
      quality: fc.integer({ min: 1, max: 100 }),
      chromaSubsampling: fc.constantFrom('4:2:0' as const, '4:4:4' as const),
    })
    const meeting = fc.oneof(
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
        meeting,
        async (to, factor, stretch, orientation, { scanned, from }, into, how) => {
          // The other side may shrink further.
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
          remade += await countRemade(jpeg, ops)
        },
      ),
      { numRuns: RUNS },
    )
    expect(remade).toBeGreaterThan(RUNS * 0.7)
  })

  it.each<[string, ImageOp[]]>([
    ['as a thumbnail', [{ thumbnail: '100x100' }]],
    ['of a width', [{ resize: 120 }, JPEG]],
    ['that covers a square', [{ resize: '100x100' }]],
    [
      'that covers a square with an edge',
      [{ thumbnail: { width: 90, height: 90, fit: 'cover', position: 'left' } }],
    ],
    ['of a size that it fills', [{ resize: { width: 50, height: 60, fit: 'fill' } }]],
    [
      'of a quality, unless it grows',
      [{ thumbnail: 90 }, { format: { type: 'jpeg', quality: 55, neverGrow: true } }],
    ],
    ['after operations that do nothing', [{ resize: 400 }, { thumbnail: 90 }]],
  ])('%s', async (_, ops) => {
    expect(await countRemade(await makeJpeg(), ops)).toBe(1)
  })

  it('with codes of its own, scans by turns, EXIF and XMP that is stripped, whatever its name for colours', async () => {
    const ops: ImageOp[] = [{ thumbnail: 100 }]
    for (const change of [
      (image: Sharp) => image.jpeg({ optimiseCoding: false }),
      (image: Sharp) => image.withExif({ IFD0: { Copyright: 'Ada' } }).jpeg({ quality: 99 }),
      (image: Sharp) => image.jpeg({ mozjpeg: true }),
      (image: Sharp) => image.withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>').jpeg(),
      (image: Sharp) => image.jpeg({ trellisQuantisation: true, quantisationTable: 3 }),
    ])
      expect(await countRemade(await makeJpeg(change), ops)).toBe(1)
  })

  it('of a preview whose pixels were looked at', async () => {
    const photo = await makeJpeg(undefined, 640, 480)
    for (const [width, height] of [
      [160, 120],
      [256, 192],
    ] as const) {
      const small = await makeJpeg((image) => image.jpeg({ quality: 85 }), width, height)
      const file = withPreview(photo, small)
      // Below half, fewer pixels are decoded of it once more.
      for (let to = Math.ceil(width * 0.4); to < width; to += 7) {
        const ops: ImageOp[] = [{ preview: 'embedded' }, { resize: { width: to } }, JPEG]
        expect(await countRemade(file, ops), `${width} to ${to}`).toBe(1)
      }
    }
  })

  it('by the libraries that are installed: where these are new, what is known of them has to be measured anew', async () => {
    expect(await countRemade(await makeJpeg(), [{ thumbnail: 100 }])).toBe(1)
  })
})

describe('sharp makes', () => {
  it.each<[string, ImageOp[]]>([
    ['what is larger', [{ resize: { width: 500, enlarge: true } }]],
    ['what keeps a side', [{ resize: { width: 400, height: 100, fit: 'fill' } }]],
    ['what is scaled by another kernel', [{ resize: { width: 100, kernel: 'cubic' } }]],
    [
      'what is cropped where it is most striking',
      [{ resize: { width: 100, height: 100, position: 'attention' } }],
    ],
    ['what gets a border', [{ resize: { width: 100, height: 100, fit: 'contain' } }]],
    ['what covers by another kernel', [{ resize: { width: 100, height: 100, kernel: 'mitchell' } }]],
    ['what is changed besides', [{ thumbnail: 100 }, { sharpen: 1 }]],
    ['what isn’t scaled at all', [{ negate: true }]],
    ['another format', [{ thumbnail: 100 }, { format: 'webp' }]],
    ['what mozjpeg makes smaller', [{ thumbnail: 100 }, { format: { type: 'jpeg', mozjpeg: true } }]],
    ['progressive scans', [{ thumbnail: 100 }, { format: { type: 'jpeg', progressive: true } }]],
    ['what has to fit', [{ thumbnail: 100 }, { format: { type: 'jpeg', maxBytes: 2000 } }]],
    ['what keeps its metadata', [{ thumbnail: 100 }, { metadata: 'keep' }]],
  ])('%s', async (_, ops) => {
    const source = await makeJpeg((image) => image.withExif({ IFD0: { Copyright: 'Ada' } }).jpeg())
    const output = ops.some((op) => 'format' in op) ? ops : [...ops, JPEG]
    expect(await countRemade(source, output)).toBe(0)
  })

  it.each<[string, (image: Sharp) => Sharp]>([
    ['in grey', (image) => image.toColourspace('b-w').jpeg()],
    ['in ink', (image) => image.toColourspace('cmyk').withIccProfile('cmyk').jpeg()],
    ['in colours of its own', (image) => image.withIccProfile('p3').jpeg()],
    ['no JPEG', (image) => image.png()],
  ])('what is %s', async (_, change) => {
    expect(await countRemade(await makeJpeg(change), [{ thumbnail: 100 }, JPEG])).toBe(0)
  })

  it('what brings a gain map, isn’t turned upright, or may warn', async () => {
    const withMap = await makeUltraHdr(await makeJpeg(), await makeCorner(100, 75))
    expect(await countRemade(withMap, [{ thumbnail: 100 }, JPEG])).toBe(0)
    // With the orientation, sharp writes a profile unless the EXIF is handed on.
    const tagged = await makeJpeg((image) => image.withMetadata({ orientation: 6 }).jpeg())
    const onItsSide = await sharp(tagged).keepExif().jpeg().toBuffer()
    expect(await countRemade(onItsSide, [{ thumbnail: 100 }])).toBe(1)
    expect(await countRemade(onItsSide, [{ autoOrient: false }, { thumbnail: 100 }])).toBe(0)
    expect(await countRemade(await makeJpeg(), [{ thumbnail: 100 }], 'warning')).toBe(0)
  })

  it('so many pixels at its own size that libjpeg is as quick', async () => {
    const [less, more] = [await makeJpeg(undefined, 820, 600), await makeJpeg(undefined, 900, 600)]
    expect(await countRemade(less, [{ resize: 700 }])).toBe(1)
    expect(await countRemade(more, [{ resize: 700 }])).toBe(0)
    expect(await countRemade(more, [{ resize: 200 }])).toBe(1)
  })
})

describe('asking for a JPEG that is only scaled', () => {
  it('is told by the operations', () => {
    expect(wantsTranscode([{ thumbnail: 100 }])).toBe(true)
    expect(wantsTranscode([{ thumbnail: 100 }, { preview: 'embedded' }, JPEG])).toBe(true)
    expect(wantsTranscode([{ resize: '100x100' }])).toBe(true)
    expect(wantsTranscode([{ thumbnail: 100 }, { format: 'webp' }])).toBe(false)
    expect(wantsTranscode([{ thumbnail: 100 }, { metadata: 'keep' }])).toBe(false)
    expect(wantsTranscode([{ thumbnail: 100 }, { blur: 2 }])).toBe(false)
    expect(wantsTranscode([JPEG])).toBe(false)
  })
})
