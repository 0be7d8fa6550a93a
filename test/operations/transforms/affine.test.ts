import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  difference,
  makePicture,
  makePixels,
  makeQuarters,
  pixelAt,
  pixelsOf,
  quartersOf,
} from '../../support/pictures.js'

describe('affine', () => {
  it.each([
    [[1, 0.3, 0, 1], 'white'],
    [[0.7, 0, 0.2, 1.3], 'ff8800'],
    [[0.8, -0.6, 0.6, 0.8], 'transparent'],
  ] as const)('moves points by %j, as sharp called plainly', async (matrix, background) => {
    const source = await makePicture('rgb')
    const plain = await sharp(source)
      .affine([...matrix], {
        interpolator: 'bicubic',
        background: background === 'ff8800' ? '#ff8800' : background === 'transparent' ? '#0000' : background,
      })
      .png()
      .toBuffer()
    const made = await makePixels(source, [{ affine: { matrix: [...matrix], background } }])
    const expected = await pixelsOf(plain)
    expect([made.width, made.height]).toEqual([expected.width, expected.height])
    expect(difference(made, expected).max).toBeLessThanOrEqual(1)
  })

  it('gives a 16-bit picture the background at its depth', async () => {
    const made = await makePixels(await makePicture('deep'), [
      { affine: { matrix: [1, 0.5, 0, 1], background: 'white' } },
    ])
    expect(Array.from(made.data.subarray(4 * (made.width - 1), 4 * made.width))).toEqual([255, 255, 255, 255])
  })

  it('mirrors and scales by nearest pixels exactly', async () => {
    const made = await makePixels(await makeQuarters(40, 20), [
      { affine: { matrix: [-1, 0, 0, 2], interpolator: 'nearest' } },
    ])
    expect(made.height).toBe(40)
    expect(quartersOf(made)).toBe('green red white blue')
    expect(pixelAt(made, 20, 20)[3]).toBe(255)
  })

  it.each([
    [[0, 0, 0, 0], /can be inverted/],
    [[1, 2, 3], /four numbers/],
    [[0.001, 0, 0, 0.01], /nothing would remain/],
  ])('refuses the matrix %j', async (matrix, message) => {
    await expect(makePixels(await makePicture('rgb'), [{ affine: { matrix } }])).rejects.toThrow(message)
  })
})
