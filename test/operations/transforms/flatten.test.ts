import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { OpInputs } from '../../../src/operations/image-op.generated.js'
import { colourAt, make, makePicture, makePlain, pixelAt, pixelsOf } from '../../support/pictures.js'

describe('flatten', () => {
  it.each<[flatten: OpInputs['flatten'], shown: string]>([
    [true, 'white'],
    ['black', 'black'],
    ['0000ff', 'blue'],
    ['#0f0', 'green'],
    ['rgb(255, 0, 0)', 'red'],
    [{ background: '808080' }, 'grey'],
  ])('puts the background %j behind the picture, which becomes %s', async (flatten, shown) => {
    const { data, info } = await make(await makePlain(4, 4, 'transparent'), [{ flatten }])
    expect([colourAt(await pixelsOf(data), 1, 1), info.hasAlpha, info.channels]).toEqual([shown, false, 3])
  })

  it('blends half-transparent pixels with the background', async () => {
    const half = sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } },
    })
    const { data } = await make(await half.png().toBuffer(), [{ flatten: 'blue' }])
    const [red, green, blue] = pixelAt(await pixelsOf(data), 1, 1)
    expect([red! > 120 && red! < 136, green, blue! > 120 && blue! < 136]).toEqual([true, 0, true])
  })

  it('makes a grey picture coloured if the background is', async () => {
    const grey = await sharp(await makePlain(4, 4, 'transparent'))
      .toColourspace('b-w')
      .png()
      .toBuffer()
    const { data } = await make(grey, [{ flatten: 'red' }])
    expect(colourAt(await pixelsOf(data), 1, 1)).toBe('red')
  })

  it('does not change a picture without alpha', async () => {
    const source = await makePicture('rgb')
    const { data } = await make(source, [{ flatten: 'blue' }])
    expect((await pixelsOf(data)).data).toEqual((await pixelsOf(source)).data)
  })
})
