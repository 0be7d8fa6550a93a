import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { OpInputs } from '../../../src/operations/image-op.generated.js'
import { makePixels, makePlain, makeQuarters, makeSize, quartersOf } from '../../support/pictures.js'

/** Four quarters of 40x20 in a border of another width on each side. */
async function framed(background = '#fafafa'): Promise<Buffer> {
  return sharp(await makeQuarters(40, 20))
    .extend({ top: 3, right: 5, bottom: 7, left: 9, background })
    .png()
    .toBuffer()
}

describe('trim', () => {
  it('cuts the border off, and nothing else', async () => {
    const pixels = await makePixels(await framed('black'), [{ trim: true }])
    expect([pixels.width, pixels.height, quartersOf(pixels)]).toEqual([40, 20, 'red green blue white'])
  })

  it.each<[trim: OpInputs['trim'], made: string]>([
    // White is as near to the border as that.
    [10, '40x20'],
    [{ margin: 2 }, '44x24'],
    [{ background: 'black' }, '54x30'],
    [{ threshold: 1 }, '40x20'],
  ])('makes of a light grey border with %j %s', async (trim, made) => {
    const source = await sharp(await makePlain(40, 20))
      .extend({ top: 3, right: 5, bottom: 7, left: 9, background: '#fafafa' })
      .png()
      .toBuffer()
    expect(await makeSize(source, [{ trim }])).toBe(made)
  })

  it('leaves a picture without a border', async () => {
    expect(await makeSize(await makePlain(40, 20), [{ trim: true }])).toBe('40x20')
    expect(await makeSize(await makePlain(1, 1), [{ trim: true }])).toBe('1x1')
  })

  it('lets the operations behind it know the new size', async () => {
    expect(await makeSize(await framed('black'), [{ trim: true }, { resize: '50%' }])).toBe('20x10')
    expect(await makeSize(await framed('black'), [{ trim: true }, { crop: '40x20' }])).toBe('40x20')
  })
})
