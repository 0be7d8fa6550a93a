import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { transform } from '../../../src/index.js'
import { hashFiles, hashRecipe } from '../../../src/plan/recipe-hash.js'
import { difference, makePicture, makePixels, pixelAt, pixelsOf, type Kind } from '../../support/pictures.js'
import { makeProject } from '../../support/project.js'
import { createStores } from '../../../src/stores/create-stores.js'

async function writeRed(width = 20, height = 10): Promise<string> {
  const project = await makeProject()
  const red = { create: { width, height, channels: 3, background: 'red' } } as const
  await project.write('red.png', await sharp(red).png().toBuffer())
  return project.at('red.png')
}

describe('composite', () => {
  it.each<Kind>(['rgb', 'rgba', 'grey', 'deep'])('blends a colour over %s as sharp called plainly', async (kind) => {
    const source = await makePicture(kind)
    const made = await makePixels(source, [
      { composite: { colour: 'rgba(255, 136, 0, 0.5)', left: 10, top: 6, width: 40, height: 20 } },
    ])
    const [before, max] = [await pixelsOf(source), 255]
    expect([made.width, made.height]).toEqual([before.width, before.height])
    const read = ({ data, width }: typeof made, x: number, y: number) => Array.from(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4))
    for (const [x, y] of [[9, 6], [10, 5], [50, 6], [10, 26]] as const)
      for (const [channel, value] of read(made, x, y).entries())
        expect(Math.abs(value - read(before, x, y)[channel]!)).toBeLessThanOrEqual(max / 255)
    for (const [x, y] of [[10, 6], [49, 25], [30, 15]] as const) {
      const [r = 0, g = 0, b = 0, a = 0] = read(before, x, y).map((value) => value / max)
      // Porter and Duff's "over" of colours that are not premultiplied.
      const alpha = 0.5 + a * 0.5
      const over = (below: number, above: number) => (above * 0.5 + below * a * 0.5) / alpha
      const expected = [over(r, 1), over(g, 136 / 255), over(b, 0), alpha]
      for (const [channel, value] of read(made, x, y).entries())
        expect(Math.abs(value / max - expected[channel]!)).toBeLessThan(0.012)
    }
  }) // prettier-ignore

  it.each([
    [{ left: 3, top: 4 }, 3, 4],
    [{ left: '50%', top: '25%' }, 48, 16],
    [{ position: 'southeast' }, 76, 54],
    [{ position: 'north', top: 2 }, 38, 2],
    [{ left: -12, top: -3 }, -12, -3],
    [{ left: 90, top: 60 }, 90, 60],
  ] as const)('places an image at %j', async (place, left, top) => {
    const image = await writeRed()
    const made = await makePixels(await makePicture('rgb'), [{ composite: { image, ...place } }])
    const isRed = (x: number, y: number) => pixelAt(made, x, y).slice(0, 3).join() === '255,0,0'
    const [right, bottom] = [Math.min(95, left + 19), Math.min(63, top + 9)]
    expect([isRed(Math.max(0, left), Math.max(0, top)), isRed(right, bottom)]).toEqual([true, true])
    expect(left > 0 && isRed(left - 1, Math.max(0, top))).toBe(false)
    expect(right < 95 && isRed(right + 1, bottom)).toBe(false)
  })

  it.each([
    [{ width: 10 }, 10, 5],
    [{ height: '50%' }, 64, 32],
    [{ width: 30, height: 30 }, 30, 30],
    [{ width: 30, height: 30, fit: 'inside' }, 30, 15],
    [{ width: 200, height: 200, fit: 'cover' }, 96, 64],
  ] as const)('scales an image to %j', async (size, width, height) => {
    const image = await writeRed()
    const made = await makePixels(await makePicture('rgb'), [
      { composite: { image, left: 0, top: 0, ...size } },
    ])
    const isRed = (x: number, y: number) => pixelAt(made, x, y).slice(0, 3).join() === '255,0,0'
    expect([isRed(width - 1, height - 1), isRed(0, height - 1)]).toEqual([true, true])
    expect(width < 96 && isRed(width, 0)).toBe(false)
    expect(height < 64 && isRed(0, height)).toBe(false)
  })

  it('changes nothing if the layer lies outside of the picture', async () => {
    const image = await writeRed()
    const source = await makePicture('rgb')
    const made = await makePixels(source, [{ composite: { image, left: 96, top: 0 } }])
    expect(difference(made, await pixelsOf(source)).max).toBe(0)
  })

  it('reads its image by the rules of the call, and names it if it is unreadable', async () => {
    const source = await makePicture('rgb')
    await expect(
      transform(source, [{ composite: { image: 'missing.png' } }], { allow: ['buffer'] }),
    ).rejects.toMatchObject({ code: 'INVALID_OPERATION', message: expect.stringContaining('missing.png') })
    const project = await makeProject()
    await project.write('no.png', 'text')
    await expect(transform(source, [{ composite: { image: project.at('no.png') } }])).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      message: expect.stringMatching(/^composite: image: .*no\.png can't be used/),
    })
  })

  it('puts the content of its image into the recipe', async () => {
    const image = await writeRed()
    const store = createStores({ cwd: '.' })
    const hashOf = async () => {
      const ops = [{ composite: { image } }] as const
      return hashRecipe(ops, { files: await hashFiles(store, ops) })
    }
    const before = await hashOf()
    expect(await hashOf()).toBe(before)
    await sharp({ create: { width: 9, height: 9, channels: 3, background: 'blue' } }).toFile(image)
    expect(await hashOf()).not.toBe(before)
  })

  it('lays several layers in their order', async () => {
    const made = await makePixels(await makePicture('rgb'), [
      { composite: { colour: 'red', width: 20, height: 20, left: 0, top: 0 } },
      { composite: { colour: 'blue', width: 20, height: 20, left: 10, top: 10 } },
    ])
    expect(pixelAt(made, 5, 5).slice(0, 3)).toEqual([255, 0, 0])
    expect(pixelAt(made, 15, 15).slice(0, 3)).toEqual([0, 0, 255])
  })
})
