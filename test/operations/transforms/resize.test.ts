import { describe, expect, it } from 'vitest'
import type { OpInputs } from '../../../src/operations/image-op.generated.js'
import {
  colourAt,
  makePixels,
  makePlain,
  makeQuarters,
  makeSize,
  pixelAt,
  quartersOf,
} from '../../support/pictures.js'

const box = { width: 20, height: 20 }

describe('resize', () => {
  it('scales the whole picture', async () => {
    const pixels = await makePixels(await makeQuarters(40, 20), [{ resize: 20 }])
    expect([pixels.width, pixels.height, quartersOf(pixels)]).toEqual([20, 10, 'red green blue white'])
  })

  it.each<[resize: OpInputs['resize'], made: string]>([
    [30, '30x15'],
    ['x10', '20x10'],
    ['30x10', '30x10'],
    ['50%', '20x10'],
    ['33.4%', '13x7'],
    ['2.5%', '1x1'],
    ['0.1%', '1x1'],
    [1, '1x1'],
    [{ width: '50%', height: '25%', fit: 'fill' }, '20x5'],
    [{ width: '50%' }, '20x10'],
    [80, '40x20'],
    ['x80', '40x20'],
    ['200%', '40x20'],
    ['80x80', '20x20'],
    [{ width: 80, enlarge: true }, '80x40'],
    [{ width: '200%', enlarge: true }, '80x40'],
    [{ width: 80, height: 80, enlarge: true }, '80x80'],
    [{ ...box, fit: 'cover' }, '20x20'],
    [{ ...box, fit: 'contain' }, '20x20'],
    [{ ...box, fit: 'fill' }, '20x20'],
    [{ ...box, fit: 'inside' }, '20x10'],
    [{ width: 10, height: 8, fit: 'outside' }, '16x8'],
    [{ ...box, fit: 'outside' }, '40x20'],
    [{ width: 80, height: 10, fit: 'fill' }, '40x10'],
    [{ width: 80, height: 80, fit: 'inside' }, '40x20'],
    [{ width: 80, height: 80, fit: 'inside', enlarge: true }, '80x40'],
    [{ width: 80, height: 80, fit: 'outside', enlarge: true }, '160x80'],
    [{ width: 80, height: 80, fit: 'contain' }, '80x80'],
  ])('turns 40x20 with %j into %s', async (resize, made) => {
    expect(await makeSize(await makePlain(40, 20), [{ resize }])).toBe(made)
  })

  it.each([
    ['cover', 'red green blue white', 'red'],
    ['contain', 'red green blue white', 'transparent'],
    ['fill', 'red green blue white', 'red'],
  ] as const)('fits both sizes with %s', async (fit, quarters, corner) => {
    const pixels = await makePixels(await makeQuarters(40, 20), [{ resize: { ...box, fit } }])
    const shown = fit === 'contain' ? quartersOf(cutMiddle(pixels)) : quartersOf(pixels)
    expect([shown, colourAt(pixels, 0, 0)]).toEqual([quarters, corner])
  })

  it('keeps the part at the position with cover', async () => {
    const resize = { ...box, position: 'right' } as const
    expect(quartersOf(await makePixels(await makeQuarters(40, 20), [{ resize }]))).toBe(
      'green green white white',
    )
  })

  it('places the picture at the position on the background with contain', async () => {
    const resize = { ...box, fit: 'contain', background: 'blue', position: 'top' } as const
    const pixels = await makePixels(await makePlain(40, 20), [{ resize }])
    expect(quartersOf(pixels)).toBe('red red blue blue')
  })

  it('does not enlarge with contain', async () => {
    const resize = { width: 80, height: 80, fit: 'contain' } as const
    const pixels = await makePixels(await makePlain(40, 20), [{ resize }])
    const row = [15, 25, 55, 65].map((x) => colourAt(pixels, x, 40))
    expect(row).toEqual(['transparent', 'red', 'red', 'transparent'])
    const larger = await makePixels(await makePlain(40, 20), [{ resize: { ...resize, enlarge: true } }])
    expect([colourAt(larger, 2, 40), colourAt(larger, 2, 15)]).toEqual(['red', 'transparent'])
  })

  it('applies the kernel', async () => {
    const quarters = await makeQuarters(20, 20)
    const columns = async (kernel: 'nearest' | 'linear') => {
      const pixels = await makePixels(quarters, [{ resize: { width: 80, enlarge: true, kernel } }])
      return new Set(Array.from({ length: 80 }, (_, x) => pixelAt(pixels, x, 20).join())).size
    }
    expect(await columns('nearest')).toBe(2)
    expect(await columns('linear')).toBeGreaterThan(2)
  })
})

/** Returns the middle half of the rows, where `contain` puts a picture of 2:1. */
function cutMiddle({ width, height, data }: Awaited<ReturnType<typeof makePixels>>) {
  return { width, height: height / 2, data: data.subarray(width * height, width * height * 3) }
}
