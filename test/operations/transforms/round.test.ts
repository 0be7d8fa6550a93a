import { describe, expect, it } from 'vitest'
import type { OpInputs } from '../../../src/operations/image-op.generated.js'
import {
  colourAt,
  make,
  makePicture,
  makePixels,
  makePlain,
  pixelAt,
  pixelsOf,
} from '../../support/pictures.js'

/** Returns the visible area of a 40x20 picture in pixels. */
async function areaOf(round: OpInputs['round']): Promise<number> {
  const { data } = await makePixels(await makePlain(40, 20), [{ round }])
  return data.filter((_, at) => at % 4 === 3).reduce((sum, alpha) => sum + alpha / 255, 0)
}

describe('round', () => {
  it('makes the corners transparent and keeps the sides', async () => {
    const pixels = await makePixels(await makePlain(40, 20), [{ round: 8 }])
    const at = (x: number, y: number) => colourAt(pixels, x, y)
    expect([at(0, 0), at(39, 0), at(0, 19), at(39, 19)]).toEqual(Array(4).fill('transparent'))
    expect([at(20, 0), at(20, 19), at(0, 10), at(39, 10)]).toEqual(Array(4).fill('red'))
  })

  it('has the area of the rounded rectangle', async () => {
    const corners = (radius: number) => (4 - Math.PI) * radius ** 2
    expect(await areaOf(8)).toBeCloseTo(800 - corners(8), -1)
    // The radius is limited to half a side.
    expect(await areaOf(100)).toBeCloseTo(Math.PI * 20 * 10, -1)
    expect(await areaOf('50%')).toBeCloseTo(Math.PI * 20 * 10, -1)
    expect(await areaOf(0)).toBeCloseTo(800, 5)
  })

  it('shows white corners if the format has no alpha', async () => {
    const { data } = await make(await makePlain(40, 40), [
      { round: '50%' },
      { format: 'jpeg:quality=100:chromaSubsampling=4:4:4' },
    ])
    expect(colourAt(await makePixels(data, []), 0, 0)).toBe('white')
  })

  it('keeps 16 bits', async () => {
    const source = await makePicture('deep')
    const rounded = await makePixels(source, [{ round: 5 }])
    expect(pixelAt(rounded, 48, 32)).toEqual(pixelAt(await pixelsOf(source), 48, 32))
  })
})
