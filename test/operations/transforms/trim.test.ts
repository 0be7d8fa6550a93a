import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { OpInputs } from '../../../src/operations/image-op.generated.js'
import { makePixels, makePlain, makeQuarters, makeSize, quartersOf } from '../../support/pictures.js'

/** Returns four quarters of 40x20 with a border of a different width on each side. */
async function framed(background = '#fafafa'): Promise<Buffer> {
  return sharp(await makeQuarters(40, 20))
    .extend({ top: 3, right: 5, bottom: 7, left: 9, background })
    .png()
    .toBuffer()
}

describe('trim', () => {
  it('removes the border only', async () => {
    const pixels = await makePixels(await framed('black'), [{ trim: true }])
    expect([pixels.width, pixels.height, quartersOf(pixels)]).toEqual([40, 20, 'red green blue white'])
  })

  it.each<[trim: OpInputs['trim'], made: string]>([
    // White is nearer to the border than this threshold.
    [10, '40x20'],
    [{ margin: 2 }, '44x24'],
    [{ background: 'black' }, '54x30'],
    [{ threshold: 1 }, '40x20'],
  ])('trims a light grey border with %j to %s', async (trim, made) => {
    const source = await sharp(await makePlain(40, 20))
      .extend({ top: 3, right: 5, bottom: 7, left: 9, background: '#fafafa' })
      .png()
      .toBuffer()
    expect(await makeSize(source, [{ trim }])).toBe(made)
  })

  it('does not change a picture without a border', async () => {
    expect(await makeSize(await makePlain(40, 20), [{ trim: true }])).toBe('40x20')
    expect(await makeSize(await makePlain(1, 1), [{ trim: true }])).toBe('1x1')
  })

  it('does not change a picture that is too narrow to search', async () => {
    for (const [width, height] of [
      [2, 300],
      [1, 5],
      [300, 1],
    ] as const)
      expect(await makeSize(await makePlain(width, height), [{ trim: true }])).toBe(`${width}x${height}`)
  })

  it('passes the new size to later operations', async () => {
    expect(await makeSize(await framed('black'), [{ trim: true }, { resize: '50%' }])).toBe('20x10')
    expect(await makeSize(await framed('black'), [{ trim: true }, { crop: '40x20' }])).toBe('40x20')
  })
})
