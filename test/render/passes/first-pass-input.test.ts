import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { insert } from '../../support/ultra-hdr.js'
import { countCuts, makeBaseline, makeCutting, makeProgressive } from '../../support/jpeg-cuts.js'
import { makePicture } from '../../support/pictures.js'

describe.each([
  ['progressive', makeProgressive],
  ['baseline', makeBaseline],
])('faster decoding at 1/8 of a %s JPEG', (kind, makeSource) => {
  it.each<[string, ImageOp[]]>([
    ['a thumbnail', [{ thumbnail: '40x40' }]],
    ['a covering thumbnail', [{ thumbnail: { width: 30, height: 30, fit: 'cover' } }]],
    [
      'a covering thumbnail of the most striking part',
      [{ thumbnail: { width: 30, height: 30, fit: 'cover', position: 'attention' } }],
    ],
    ['a width', [{ resize: 44 }]],
    ['a stretched size', [{ resize: { width: 44, height: 33, fit: 'fill' } }]],
    ['a size with a border', [{ resize: { width: 44, height: 33, fit: 'contain', background: 'white' } }]],
    ['a scaling before other operations', [{ resize: 40 }, { sharpen: 1 }, { pad: 5 }, { negate: true }]],
    ['a scaling that is moved before a turn', [{ rotate: 90 }, { thumbnail: '30x30' }]],
    ['passes after the first', [{ resize: 40 }, { rotate: 20 }, { resize: 20 }]],
  ])('is used for %s', async (_, ops) => {
    expect(await countCuts(await makeSource(), ops)).toBe(1)
  })

  it('is used in every EXIF orientation, applied or not', async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = await makeSource({ orientation })
      expect(await countCuts(bytes, [{ thumbnail: '30x30' }])).toBe(1)
      // Decoded pixels have no orientation tag to pass on.
      const count = kind === 'baseline' && orientation > 1 ? 0 : 1
      expect(await countCuts(bytes, [{ autoOrient: false }, { thumbnail: '30x30' }])).toBe(count)
    }
  })

  it('is used with a profile, kept or not', async () => {
    const bytes = await sharp(await makeSource())
      .withIccProfile('p3')
      .jpeg({ progressive: kind === 'progressive' })
      .toBuffer()
    for (const metadata of ['strip', 'icc'] as const)
      expect(await countCuts(bytes, [{ thumbnail: '30x30' }, { metadata }])).toBe(1)
  })
})

/** The segment up to its density unit. */
const JFIF = [0xff, 0xe0, 0, 16, ...Buffer.from('JFIF\0'), 1, 1]

describe('faster decoding at 1/8', () => {
  it('is used for progressive CMYK that becomes RGB, but not for baseline', async () => {
    const progressive = await makeProgressive({ cmyk: true })
    expect((await sharp(progressive).metadata()).space).toBe('cmyk')
    expect(await countCuts(progressive, [{ thumbnail: '40x40' }])).toBe(1)
    expect(await countCuts(await makeBaseline({ cmyk: true }), [{ thumbnail: '40x40' }])).toBe(0)
  })

  it('is used for baseline whatever metadata is kept', async () => {
    const ops: ImageOp[] = [{ thumbnail: '40x40' }, { format: 'jpeg' }]
    const bytes = await sharp(await makeBaseline())
      .withExif({ IFD0: { Copyright: 'Ada' } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
      .jpeg()
      .toBuffer()
    for (const keep of ['strip', 'icc', 'copyright', 'xmp', 'keep'] as const) {
      const made = await makeCutting(bytes, [...ops, { metadata: keep }], true)
      expect([keep, made.count]).toEqual([keep, 1])
    }
  })

  it.each(['png', 'jpeg', 'webp', 'tiff', 'gif', 'auto'] as const)(
    'keeps the density of a baseline JPEG in %s',
    async (format) => {
      const bare = await sharp(await makeBaseline())
        .jpeg()
        .toBuffer()
      const jfif = (unit: number, density: number) =>
        insert(bare, Buffer.from([...JFIF, unit, 0, density, 0, density, 0, 0]))
      const tells = format === 'png' || format === 'auto'
      for (const [bytes, count] of [
        [bare, 1],
        [jfif(1, 96), 1],
        // Too low for sharp to report.
        [jfif(1, 20), tells ? 0 : 1],
        // 299.72 pixels per inch, which sharp reports as 300.
        [jfif(2, 118), tells ? 0 : 1],
        // EXIF, which may have a fraction.
        [await makeBaseline(), tells ? 0 : 1],
      ] as const) {
        const made = await makeCutting(bytes, [{ thumbnail: '40x40' }, { format }], true)
        const plain = await makeCutting(bytes, [{ thumbnail: '40x40' }, { format }], false)
        expect([made.count, made.data.equals(plain.data)]).toEqual([count, true])
      }
    },
  )
})

describe.each([
  ['progressive', makeProgressive],
  ['baseline', makeBaseline],
])('faster decoding at 1/8 of a %s JPEG, cases left to sharp', (_, makeSource) => {
  it.each<[string, ImageOp[]]>([
    ['its own size', []],
    ['a size that sharp decodes at 1/4', [{ resize: { width: 45, kernel: 'cubic' } }]],
    [
      'a size with one side that shrinks less',
      [{ resize: { width: 20, height: 34, fit: 'fill', kernel: 'cubic' } }],
    ],
    ['a scaling after a crop', [{ crop: '360x300' }, { resize: 20 }]],
    ['a scaling and a crop in one pass', [{ resize: 44 }, { crop: '20x20' }]],
    ['a scaling in a later pass', [{ blur: 2 }, { thumbnail: '30x30' }]],
    ['an operation that searches the pixels', [{ trim: true }, { thumbnail: '30x30' }]],
    ['gamma', [{ gamma: 2 }, { thumbnail: '30x30' }]],
  ])('is not used for %s', async (_, ops) => {
    expect(await countCuts(await makeSource(), ops)).toBe(0)
  })

  it('is not used with failOn: warning', async () => {
    expect(await countCuts(await makeSource(), [{ thumbnail: '30x30' }], 'warning')).toBe(0)
  })
})

describe('faster decoding at 1/8, cases left to sharp', () => {
  it('is not used for grey that becomes RGB', async () => {
    const grey = await sharp(await makeProgressive())
      .toColourspace('b-w')
      .jpeg({ progressive: true })
      .toBuffer()
    expect(await countCuts(grey, [{ thumbnail: '30x30' }, { pad: { top: 3, background: 'white' } }])).toBe(1)
    expect(await countCuts(grey, [{ thumbnail: '30x30' }, { pad: { top: 3, background: 'red' } }])).toBe(0)
  })

  it('is not used for CMYK that stays CMYK', async () => {
    const ops: ImageOp[] = [{ metadata: 'icc' }, { thumbnail: '40x40' }, { format: 'jpeg' }]
    for (const bytes of [await makeProgressive({ cmyk: true }), await makeBaseline({ cmyk: true })])
      expect((await makeCutting(bytes, ops, true)).count).toBe(0)
  })

  it('is not used for PNG', async () => {
    const png = sharp(await makePicture('rgb', 400, 300)).png({ progressive: true })
    expect(await countCuts(await png.toBuffer(), [{ thumbnail: '30x30' }])).toBe(0)
  })
})
