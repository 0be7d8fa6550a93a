import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { make, makePicture, makeQuarters, pixelAt, pixelsOf } from '../../support/pictures.js'

describe('grayscale', () => {
  it('gives one channel of lightness', async () => {
    const { data, info } = await make(await makeQuarters(), [{ grayscale: true }])
    const pixels = await pixelsOf(data)
    const [red, green, blue, white] = [
      pixelAt(pixels, 5, 5),
      pixelAt(pixels, 35, 5),
      pixelAt(pixels, 5, 35),
      pixelAt(pixels, 35, 35),
    ].map(([value]) => value!)
    expect([info.channels, white]).toEqual([1, 255])
    // In luminance, green is lightest and blue is darkest.
    expect([blue! < red!, red! < green!, green! < white!]).toEqual([true, true, true])
  })

  it('keeps 16 bits', async () => {
    const { data } = await make(await makePicture('deep'), [{ grayscale: true }])
    expect(await sharp(data).metadata()).toMatchObject({ channels: 1, depth: 'ushort' })
    const values = await sharp(data).toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer()
    const low = new Set(values.filter((_, at) => at % 2 === 0))
    expect(low.size).toBeGreaterThan(100)
  })

  it('keeps alpha', async () => {
    const source = await makePicture('rgba')
    const { data, info } = await make(source, [{ grayscale: true }])
    const alphaOf = async (bytes: Buffer) => (await pixelsOf(bytes)).data.filter((_, at) => at % 4 === 3)
    expect([info.channels, info.hasAlpha]).toEqual([2, true])
    expect(await alphaOf(data)).toEqual(await alphaOf(source))
  })

  it('removes colours of earlier operations, and keeps those of later ones', async () => {
    const source = await makePicture('rgba')
    const before = await make(source, [{ flatten: 'ff8800' }, { grayscale: true }])
    const after = await make(source, [{ grayscale: true }, { flatten: 'ff8800' }])
    expect([before.info.channels, after.info.channels]).toEqual([1, 3])
  })
})
