import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { OpInputs } from '../../../src/operations/image-op.generated.js'
import { make, makePixels, makePlain, makeQuarters, makeSize, quartersOf } from '../../support/pictures.js'
import { makeBrightSpot } from './bright-spot.js'

describe('crop', () => {
  it.each<[crop: OpInputs['crop'], shown: string]>([
    ['20x10@0x0', 'red red red red'],
    ['20x10@20x10', 'white white white white'],
    ['20x10@10x5', 'red green blue white'],
    ['20x10', 'red green blue white'],
    [{ width: 10, height: 20, left: 0 }, 'red red blue blue'],
    [{ width: 20, height: 10, top: 10 }, 'blue white blue white'],
    [{ width: '50%', height: '50%', left: '50%', top: '0%' }, 'green green green green'],
    [{ width: 20, height: 10, position: 'southwest' }, 'blue blue blue blue'],
    [{ aspect: '1:1', position: 'right' }, 'green green white white'],
    [{ aspect: '4:1', position: 'bottom' }, 'blue white blue white'],
    ['4:1:position=bottom', 'blue white blue white'],
  ])('keeps the right part with %j: %s', async (crop, shown) => {
    expect(quartersOf(await makePixels(await makeQuarters(40, 20), [{ crop }]))).toBe(shown)
  })

  it.each<[crop: OpInputs['crop'], made: string]>([
    ['30x7@10x13', '30x7'],
    ['1x1@39x19', '1x1'],
    ['40x20', '40x20'],
    [{ width: '50%', height: 3 }, '20x3'],
    [{ width: '1%', height: '1%' }, '1x1'],
    [{ aspect: '1:1' }, '20x20'],
    [{ aspect: '16/9' }, '36x20'],
    ['16/9', '36x20'],
    ['16:9', '36x20'],
    ['1.5:1', '30x20'],
    [{ aspect: 4 }, '40x10'],
    [{ aspect: '1000:1' }, '40x1'],
    [{ aspect: '1:1', position: 'entropy' }, '20x20'],
  ])('turns 40x20 with %j into %s', async (crop, made) => {
    expect(await makeSize(await makePlain(40, 20), [{ crop }])).toBe(made)
  })

  it('does not change the pixels', async () => {
    const source = await makeQuarters(40, 20)
    const { data } = await makePixels(source, [{ crop: '13x7@17x9' }])
    const cut = sharp(source).extract({ left: 17, top: 9, width: 13, height: 7 }).ensureAlpha()
    expect([...data]).toEqual([...(await cut.raw().toBuffer())])
  })

  it('finds the bright spot with position attention', async () => {
    const picture = await makeBrightSpot()
    const { data, width } = await makePixels(picture, [{ crop: { aspect: 1, position: 'attention' } }])
    expect(width).toBe(40)
    expect(data.filter((value, at) => at % 4 !== 3 && value > 200).length).toBeGreaterThan(16 * 16 * 0.9)
  })

  it.each<[crop: OpInputs['crop'], sentence: string]>([
    ['50x10', 'crop: 50x10 is larger than the picture, which is 40x20 here.'],
    ['20x10@30x0', 'crop: 20x10 at 30,0 lies partly outside the picture, which is 40x20 here.'],
    ['20x10@0x11', 'crop: 20x10 at 0,11 lies partly outside the picture, which is 40x20 here.'],
    [
      { width: '50%', height: '50%', left: '60%' },
      'crop: 20x10 at 24,5 lies partly outside the picture, which is 40x20 here.',
    ],
  ])('rejects %j for a picture of 40x20', async (crop, message) => {
    const cropped = make(await makePlain(40, 20), [{ crop }])
    await expect(cropped).rejects.toMatchObject({ code: 'INVALID_OPERATION', message })
  })

  it('reports the size after the previous operations in its error', async () => {
    const cropped = make(await makePlain(40, 20), [{ rotate: 90 }, { crop: '40x20' }])
    await expect(cropped).rejects.toThrow('40x20 is larger than the picture, which is 20x40 here.')
  })
})
