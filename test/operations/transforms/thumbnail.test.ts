import { describe, expect, it } from 'vitest'
import type { OpInputs } from '../../../src/operations/image-op.generated.js'
import {
  colourAt,
  makePixels,
  makePlain,
  makeQuarters,
  makeSize,
  quartersOf,
} from '../../support/pictures.js'
import { makeBrightSpot } from './bright-spot.js'

const svg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><path d="M0 0h10v10H0z"/></svg>',
)

describe('thumbnail', () => {
  it('shrinks the whole picture', async () => {
    const pixels = await makePixels(await makeQuarters(40, 20), [{ thumbnail: 10 }])
    expect([pixels.width, pixels.height, quartersOf(pixels)]).toEqual([10, 5, 'red green blue white'])
  })

  it.each<[width: number, height: number, box: OpInputs['thumbnail'], made: string]>([
    [400, 300, 100, '100x75'],
    [300, 400, '100x100', '75x100'],
    [100, 100, '50x200', '50x50'],
    [40, 20, { width: 10 }, '10x5'],
    [40, 20, { height: 10 }, '20x10'],
    [33, 10, 10, '10x3'],
    [20, 10, 100, '20x10'],
    [400, 3, 10, '10x1'],
    [3, 400, 10, '1x10'],
    [1, 1, 10, '1x1'],
    [10, 10, 1, '1x1'],
    [40, 20, { width: 10, height: 10, fit: 'cover' }, '10x10'],
    [40, 20, { width: 100, height: 100, fit: 'cover' }, '20x20'],
    [100, 100, { width: 1920, height: 1080, fit: 'cover' }, '100x56'],
    [100, 3, { width: 1, height: 1000, fit: 'cover' }, '1x3'],
    [40, 20, { width: 30, fit: 'cover' }, '30x15'],
  ])('turns %ix%i with %j into %s', async (width, height, thumbnail, made) => {
    expect(await makeSize(await makePlain(width, height), [{ thumbnail }])).toBe(made)
  })

  it('draws vectors at the requested size', async () => {
    const pixels = await makePixels(svg, [{ thumbnail: 100 }])
    expect([pixels.width, pixels.height]).toEqual([100, 50])
    // A scaled bitmap would be grey here.
    expect([colourAt(pixels, 48, 25), colourAt(pixels, 51, 25)]).toEqual(['black', 'transparent'])
    const cover = { width: 90, height: 90, fit: 'cover' } as const
    expect(await makeSize(svg, [{ thumbnail: cover }])).toBe('90x90')
  })

  it('keeps the part at the position with cover', async () => {
    const quarters = await makeQuarters(40, 20)
    const cover = { width: 10, height: 10, fit: 'cover' } as const
    const shown = async (position: 'left' | 'right' | 'centre') =>
      quartersOf(await makePixels(quarters, [{ thumbnail: { ...cover, position } }]))
    expect(await shown('left')).toBe('red red blue blue')
    expect(await shown('right')).toBe('green green white white')
    expect(await shown('centre')).toBe('red green blue white')
  })

  it.each(['attention', 'entropy'] as const)('keeps the bright spot found by %s', async (position) => {
    const picture = await makeBrightSpot()
    const cover = { width: 30, height: 30, fit: 'cover' } as const
    const found = await makePixels(picture, [{ thumbnail: { ...cover, position } }])
    const centred = await makePixels(picture, [{ thumbnail: cover }])
    expect(found.data).toContain(255)
    expect(centred.data.filter((value, at) => at % 4 !== 3 && value > 100)).toHaveLength(0)
  })
})
