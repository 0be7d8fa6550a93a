import { describe, expect, it } from 'vitest'
import {
  colourAt,
  make,
  makePixels,
  makePlain,
  makeQuarters,
  makeSize,
  pixelsOf,
  quartersOf,
} from '../../support/pictures.js'

describe('rotate', () => {
  it.each([
    [0, '40x20', 'red green blue white'],
    [90, '20x40', 'blue red white green'],
    [180, '40x20', 'white blue green red'],
    [270, '20x40', 'green white red blue'],
    [360, '40x20', 'red green blue white'],
    [450, '20x40', 'blue red white green'],
    [-90, '20x40', 'green white red blue'],
    [-180, '40x20', 'white blue green red'],
    [-450, '20x40', 'green white red blue'],
  ])('rotates by %i degrees', async (rotate, size, quarters) => {
    const source = await makeQuarters(40, 20)
    expect(await makeSize(source, [{ rotate }])).toBe(size)
    expect(quartersOf(await makePixels(source, [{ rotate }]))).toBe(quarters)
  })

  it('rotates clockwise by other angles, with transparent corners', async () => {
    const pixels = await makePixels(await makeQuarters(40, 40), [{ rotate: 30 }])
    const last = pixels.width - 1
    expect(Math.abs(pixels.width - 40 * (Math.cos(Math.PI / 6) + 0.5))).toBeLessThan(2)
    expect([colourAt(pixels, 0, 0), colourAt(pixels, last, last)]).toEqual(['transparent', 'transparent'])
    const edges = [
      [0.5, 0.15],
      [0.85, 0.5],
      [0.5, 0.85],
      [0.15, 0.5],
    ].map(([x = 0, y = 0]) => colourAt(pixels, Math.floor(x * last), Math.floor(y * last)))
    expect(edges).toEqual(['red', 'green', 'white', 'blue'])
  })

  it('fills the corners with a background', async () => {
    const rotate = { angle: 30, background: 'blue' }
    const { data, info } = await make(await makePlain(40, 40), [{ rotate }])
    expect(info.hasAlpha).toBe(false)
    expect(colourAt(await pixelsOf(data), 0, 0)).toBe('blue')
  })

  it('fills the corners with white if the format has no alpha', async () => {
    const { data } = await make(await makePlain(40, 40), [{ rotate: 30 }, { format: 'jpeg' }])
    expect(colourAt(await pixelsOf(data), 0, 0)).toBe('white')
  })
})
