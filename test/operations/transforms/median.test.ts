import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { colourAt, make, makePixels, makePlain, makeQuarters, quartersOf } from '../../support/pictures.js'

describe('median', () => {
  it('removes a speck and keeps edges sharp', async () => {
    const speck = { input: await makePlain(2, 2, 'black'), left: 8, top: 8 }
    const source = await sharp(await makeQuarters(40, 40))
      .composite([speck])
      .png()
      .toBuffer()
    expect(colourAt(await makePixels(source, []), 8, 8)).toBe('black')
    const pixels = await makePixels(source, [{ median: 5 }])
    expect([colourAt(pixels, 8, 8), quartersOf(pixels)]).toEqual(['red', 'red green blue white'])
    expect([colourAt(pixels, 19, 8), colourAt(pixels, 20, 8)]).toEqual(['red', 'green'])
  })

  it('rejects a square larger than the picture', async () => {
    await expect(make(await makePlain(4, 40), [{ median: 5 }])).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      message: 'median: a square of 5 is larger than the picture, which is 4x40 here.',
    })
  })
})
