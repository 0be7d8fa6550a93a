import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp } from '../../src/ops/image-op.js'
import { countCuts, makeCutting, makeProgressive } from '../support/jpeg-cuts.js'
import { makePicture } from '../support/pictures.js'

describe('a progressive JPEG is cut', () => {
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
    expect(await countCuts(await makeProgressive(), ops)).toBe(1)
  })

  it('whatever its orientation, and whether that is applied or not', async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = await makeProgressive({ orientation })
      expect(await countCuts(bytes, [{ thumbnail: '30x30' }])).toBe(1)
      expect(await countCuts(bytes, [{ autoOrient: false }, { thumbnail: '30x30' }])).toBe(1)
    }
  })

  it('of CMYK that becomes RGB', async () => {
    expect(await countCuts(await makeProgressive({ cmyk: true }), [{ thumbnail: '40x40' }])).toBe(1)
  })
})

describe('a progressive JPEG is not cut', () => {
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
    expect(await countCuts(await makeProgressive(), ops)).toBe(0)
  })

  it('where grey is to become colour', async () => {
    const grey = await sharp(await makeProgressive())
      .toColourspace('b-w')
      .jpeg({ progressive: true })
      .toBuffer()
    expect(await countCuts(grey, [{ thumbnail: '30x30' }, { pad: { top: 3, background: 'white' } }])).toBe(1)
    expect(await countCuts(grey, [{ thumbnail: '30x30' }, { pad: { top: 3, background: 'red' } }])).toBe(0)
  })

  it('where CMYK stays CMYK', async () => {
    const ops: ImageOp[] = [{ metadata: 'icc' }, { thumbnail: '40x40' }, { format: 'jpeg' }]
    const bytes = await sharp(await makeProgressive({ cmyk: true }))
      .keepIccProfile()
      .withIccProfile('cmyk')
      .jpeg({ progressive: true })
      .toBuffer()
    expect((await makeCutting(bytes, ops, true)).count).toBe(0)
  })

  it('where it isn’t progressive, or no JPEG', async () => {
    expect(
      await countCuts(
        await sharp(await makePicture('rgb', 400, 300))
          .jpeg()
          .toBuffer(),
        [{ thumbnail: '30x30' }],
      ),
    ).toBe(0)
    expect(
      await countCuts(
        await sharp(await makePicture('rgb', 400, 300))
          .png({ progressive: true })
          .toBuffer(),
        [{ thumbnail: '30x30' }],
      ),
    ).toBe(0)
  })

  it('where a warning is to be heard', async () => {
    expect(await countCuts(await makeProgressive(), [{ thumbnail: '30x30' }], 'warning')).toBe(0)
  })
})
