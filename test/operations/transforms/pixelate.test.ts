import { describe, expect, it } from 'vitest'
import { makePicture, makePixels, pixelsOf, type Kind } from '../../support/pictures.js'

describe('pixelate', () => {
  it.each<Kind>(['rgb', 'rgba', 'grey', 'deep'])('averages the blocks of %s, weighted by alpha', async (kind) => {
    const source = await makePicture(kind, 50, 30)
    const before = await pixelsOf(source)
    const after = await makePixels(source, [{ pixelate: 8 }])
    expect([after.width, after.height]).toEqual([50, 30])
    const step = 1
    for (const [left, top] of [[0, 0], [16, 8], [48, 24]] as const) {
      let [sum, weight, count] = [0, 0, 0]
      for (let y = top; y < Math.min(30, top + 8); y++)
        for (let x = left; x < Math.min(50, left + 8); x++, count++) {
          const alpha = before.data[4 * (y * 50 + x) + 3]!
          sum += before.data[4 * (y * 50 + x)]! * alpha
          weight += alpha
        }
      for (const [x, y] of [[left, top], [Math.min(49, left + 7), Math.min(29, top + 7)]] as const) {
        const at = 4 * (y * 50 + x)
        expect(Math.abs(after.data[at]! - (weight === 0 ? 0 : sum / weight))).toBeLessThanOrEqual(step)
        expect(Math.abs(after.data[at + 3]! - weight / count)).toBeLessThanOrEqual(step)
      }
    }
  }) // prettier-ignore

  it('changes its regions only, and the part of them inside the picture', async () => {
    const source = await makePicture('rgb', 50, 40)
    const before = await pixelsOf(source)
    const after = await makePixels(source, [
      { pixelate: { size: 5, regions: ['20%x25%@10%x50%', { left: 45, top: 35, width: 100, height: '90%' }] } },
    ])
    const same = (x: number, y: number) =>
      [0, 1, 2].every((channel) => before.data[4 * (y * 50 + x) + channel] === after.data[4 * (y * 50 + x) + channel])
    const at = (x: number, y: number) => Array.from(after.data.subarray(4 * (y * 50 + x), 4 * (y * 50 + x) + 3))
    for (const [x, y] of [[4, 20], [15, 20], [5, 19], [5, 30], [44, 35], [45, 34]] as const) expect(same(x, y)).toBe(true)
    expect(at(5, 20)).toEqual(at(9, 24))
    expect(at(45, 35)).toEqual(at(49, 39))
  }) // prettier-ignore

  it('takes regions as text', async () => {
    const source = await makePicture('rgb')
    const [text, list] = [
      await makePixels(source, [{ pixelate: 'size=9:regions=10x10@0x0,50%x50%@50%x50%' }]),
      await makePixels(source, [{ pixelate: { size: 9, regions: ['10x10@0x0', '50%x50%@50%x50%'] } }]),
    ]
    expect([...text.data]).toEqual([...list.data])
  })
})
