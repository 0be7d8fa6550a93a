import { describe, expect, it } from 'vitest'
import type { OpInputs } from '../../../src/operations/image-op.generated.js'
import { colourAt, make, makePixels, makePlain, makeQuarters, makeSize } from '../../support/pictures.js'

describe('pad', () => {
  it.each<[pad: OpInputs['pad'], made: string]>([
    [5, '50x30'],
    ['1x2x3x4', '46x24'],
    [{ left: 7 }, '47x20'],
    [{ aspect: '1:1' }, '40x40'],
    [{ aspect: '4:1' }, '80x20'],
    ['4:1', '80x20'],
    ['4/1:fill=copy', '80x20'],
    ['5', '50x30'],
    [{ aspect: '2:1' }, '40x20'],
    [0, '40x20'],
  ])('turns 40x20 with %j into %s', async (pad, made) => {
    expect(await makeSize(await makePlain(40, 20), [{ pad }])).toBe(made)
  })

  it('adds transparent pixels around the picture', async () => {
    const pixels = await makePixels(await makePlain(40, 20), [{ pad: '1x2x3x4' }])
    const at = (x: number, y: number) => colourAt(pixels, x, y)
    expect([at(4, 1), at(43, 20)]).toEqual(['red', 'red'])
    expect([at(3, 1), at(4, 0), at(44, 20), at(43, 21)]).toEqual(Array(4).fill('transparent'))
  })

  it.each([
    ['background', 'black'],
    ['copy', 'red'],
    ['mirror', 'red'],
    ['repeat', 'white'],
  ] as const)('fills with %s, so the corner is %s', async (fill, corner) => {
    const pad = { top: 4, left: 4, fill, background: 'black' }
    const pixels = await makePixels(await makeQuarters(40, 20), [{ pad }])
    expect(colourAt(pixels, 0, 0)).toBe(corner)
  })

  it('adds no alpha for an opaque background', async () => {
    const hasAlpha = async (pad: OpInputs['pad']) =>
      (await make(await makePlain(4, 4), [{ pad }])).info.hasAlpha
    expect(await hasAlpha({ left: 4, background: 'black' })).toBe(false)
    expect(await hasAlpha({ left: 4, fill: 'copy' })).toBe(false)
    expect(await hasAlpha({ left: 4, background: '#ff000080' })).toBe(true)
  })
})
