import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { insert } from '../../support/ultra-hdr.js'
import { countCuts, makeBaseline, makeCutting, makeProgressive } from '../../support/jpeg-cuts.js'
import { makePicture } from '../../support/pictures.js'

describe.each([
  ['progressive', makeProgressive],
  ['baseline', makeBaseline],
])('a short cut is taken at 1/8 of a %s JPEG', (kind, makeSource) => {
  it.each<[string, ImageOp[]]>([
    ['a thumbnail', [{ thumbnail: '40x40' }]],
    ['a covering thumbnail', [{ thumbnail: { width: 30, height: 30, fit: 'cover' } }]],
    [
      'a covering thumbnail of what is most striking',
      [{ thumbnail: { width: 30, height: 30, fit: 'cover', position: 'attention' } }],
    ],
    ['a width', [{ resize: 44 }]],
    ['a stretched size', [{ resize: { width: 44, height: 33, fit: 'fill' } }]],
    ['a size with a border', [{ resize: { width: 44, height: 33, fit: 'contain', background: 'white' } }]],
    ['a scaling before other operations', [{ resize: 40 }, { sharpen: 1 }, { pad: 5 }, { negate: true }]],
    ['a scaling that goes ahead of a turn', [{ rotate: 90 }, { thumbnail: '30x30' }]],
    ['passes after the first', [{ resize: 40 }, { rotate: 20 }, { resize: 20 }]],
  ])('for %s', async (_, ops) => {
    expect(await countCuts(await makeSource(), ops)).toBe(1)
  })

  it('whatever its orientation, and whether that is applied or not', async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = await makeSource({ orientation })
      expect(await countCuts(bytes, [{ thumbnail: '30x30' }])).toBe(1)
      // Only a file has a tag to hand on.
      const count = kind === 'baseline' && orientation > 1 ? 0 : 1
      expect(await countCuts(bytes, [{ autoOrient: false }, { thumbnail: '30x30' }])).toBe(count)
    }
  })

  it('in colours of its own, which may be kept', async () => {
    const bytes = await sharp(await makeSource())
      .withIccProfile('p3')
      .jpeg({ progressive: kind === 'progressive' })
      .toBuffer()
    for (const metadata of ['strip', 'icc'] as const)
      expect(await countCuts(bytes, [{ thumbnail: '30x30' }, { metadata }])).toBe(1)
  })
})

/** The segment up to its unit. */
const JFIF = [0xff, 0xe0, 0, 16, ...Buffer.from('JFIF\0'), 1, 1]

describe('a short cut is taken at 1/8', () => {
  it('of progressive CMYK that becomes RGB, but not of baseline', async () => {
    const progressive = await makeProgressive({ cmyk: true })
    expect((await sharp(progressive).metadata()).space).toBe('cmyk')
    expect(await countCuts(progressive, [{ thumbnail: '40x40' }])).toBe(1)
    expect(await countCuts(await makeBaseline({ cmyk: true }), [{ thumbnail: '40x40' }])).toBe(0)
  })

  it('of baseline whose EXIF or XMP is stripped', async () => {
    const ops: ImageOp[] = [{ thumbnail: '40x40' }, { format: 'jpeg' }]
    const bytes = await sharp(await makeBaseline())
      .withExif({ IFD0: { Copyright: 'Ada' } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
      .jpeg()
      .toBuffer()
    for (const [keep, count] of [
      ['strip', 1],
      ['icc', 1],
      ['copyright', 0],
      ['keep', 0],
    ] as const) {
      const made = await makeCutting(bytes, [...ops, { metadata: keep }], true)
      expect([keep, made.count]).toEqual([keep, count])
    }
  })

  it.each(['png', 'jpeg', 'webp', 'tiff', 'gif', 'auto'] as const)(
    'of baseline for %s, with the density that the file says',
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
        // Less than sharp tells of.
        [jfif(1, 20), tells ? 0 : 1],
        // 299.72 pixels an inch, which sharp takes for 300.
        [jfif(2, 118), tells ? 0 : 1],
        // With EXIF, which may have a fraction.
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
])('none is taken of a %s JPEG', (_, makeSource) => {
  it.each<[string, ImageOp[]]>([
    ['at its own size', []],
    ['for a size that sharp decodes at 1/4', [{ resize: 45 }]],
    ['where one side shrinks less', [{ resize: { width: 20, height: 34, fit: 'fill' } }]],
    ['for a scaling after a crop', [{ crop: '360x300' }, { resize: 20 }]],
    ['for a scaling and a crop in one pass', [{ resize: 44 }, { crop: '20x20' }]],
    ['for a scaling in a later pass', [{ blur: 2 }, { thumbnail: '30x30' }]],
    ['for what only the pixels tell', [{ trim: true }, { thumbnail: '30x30' }]],
    ['for gamma', [{ gamma: 2 }, { thumbnail: '30x30' }]],
  ])('%s', async (_, ops) => {
    expect(await countCuts(await makeSource(), ops)).toBe(0)
  })

  it('where a warning is to be heard', async () => {
    expect(await countCuts(await makeSource(), [{ thumbnail: '30x30' }], 'warning')).toBe(0)
  })
})

describe('none is taken', () => {
  it('where grey is to become colour', async () => {
    const grey = await sharp(await makeProgressive())
      .toColourspace('b-w')
      .jpeg({ progressive: true })
      .toBuffer()
    expect(await countCuts(grey, [{ thumbnail: '30x30' }, { pad: { top: 3, background: 'white' } }])).toBe(1)
    expect(await countCuts(grey, [{ thumbnail: '30x30' }, { pad: { top: 3, background: 'red' } }])).toBe(0)
  })

  it('of CMYK that stays CMYK', async () => {
    const ops: ImageOp[] = [{ metadata: 'icc' }, { thumbnail: '40x40' }, { format: 'jpeg' }]
    for (const bytes of [await makeProgressive({ cmyk: true }), await makeBaseline({ cmyk: true })])
      expect((await makeCutting(bytes, ops, true)).count).toBe(0)
  })

  it('where it is no JPEG', async () => {
    const png = sharp(await makePicture('rgb', 400, 300)).png({ progressive: true })
    expect(await countCuts(await png.toBuffer(), [{ thumbnail: '30x30' }])).toBe(0)
  })
})
