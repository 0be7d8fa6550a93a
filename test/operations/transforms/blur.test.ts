import { describe, expect, it } from 'vitest'
import { colourAt, makePixels, makeQuarters, pixelAt } from '../../support/pictures.js'

/** Returns the number of pixels in a row that have neither of its two colours. */
async function widthOfEdge(sigma: number): Promise<number> {
  const pixels = await makePixels(await makeQuarters(80, 80), [{ blur: sigma }])
  expect([colourAt(pixels, 1, 1), colourAt(pixels, 78, 78)]).toEqual(['red', 'white'])
  const row = Array.from({ length: 80 }, (_, x) => pixelAt(pixels, x, 10))
  return row.filter(([red]) => red! > 8 && red! < 247).length
}

describe('blur', () => {
  it('widens an edge more with a larger sigma', async () => {
    const [small, large] = [await widthOfEdge(1), await widthOfEdge(4)]
    expect(small).toBeGreaterThan(1)
    expect(large).toBeGreaterThan(2 * small)
  })

  it('mixes both colours equally at the edge', async () => {
    const pixels = await makePixels(await makeQuarters(80, 80), [{ blur: 3 }])
    const [red, green] = pixelAt(pixels, 39, 10)
    const [redNext, greenNext] = pixelAt(pixels, 40, 10)
    expect(Math.abs((red! + redNext!) / 2 - 127.5)).toBeLessThan(3)
    expect(Math.abs((green! + greenNext!) / 2 - 127.5)).toBeLessThan(3)
  })
})
