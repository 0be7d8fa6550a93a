import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { gps } from '../../../src/analyzers/builtin/gps.js'
import { encodeExif, jpegWith, type Tags } from './exif-block.js'
import { fixture } from '../../support/pictures.js'
import { find, plain } from '../find.js'

const at = async (tags: Tags) => find(gps, await jpegWith(encodeExif({ gps: tags })))
const ROME: Tags = {
  1: { text: 'N' },
  2: {
    fractions: [
      [41, 1],
      [53, 1],
      [2472, 100],
    ],
  },
  3: { text: 'E' },
  4: {
    fractions: [
      [12, 1],
      [29, 1],
      [3228, 100],
    ],
  },
}

describe('gps', () => {
  it('returns the position as numbers', async () => {
    expect(await find(gps, await fixture('photos/landscape.jpg'))).toEqual({
      latitude: 41.8902,
      longitude: 12.4923,
    })
  })

  it('returns negative values in the south and west (EXIF by sharp)', async () => {
    const place = {
      GPSLatitudeRef: 'S',
      GPSLatitude: '33/1 51/1 3564/100',
      GPSLongitudeRef: 'W',
      GPSLongitude: '70/1 40/1 0/1',
    }
    const found = await find(gps, await plain('red').withExif({ IFD3: place }).jpeg().toBuffer())
    expect(found).toEqual({ latitude: -33.8599, longitude: -70.6666667 })
  })

  it.each([
    ['N', 'E', 41.8902, 12.4923],
    ['S', 'E', -41.8902, 12.4923],
    ['N', 'W', 41.8902, -12.4923],
    ['S', 'W', -41.8902, -12.4923],
  ])('takes the signs from the hemispheres %s and %s', async (north, east, latitude, longitude) => {
    expect(await at({ ...ROME, 1: { text: north }, 3: { text: east } })).toEqual({ latitude, longitude })
  })

  it.each([
    [0, 35.25],
    [1, -35.25],
    [2, 35.25],
    [3, -35.25],
  ])('takes the sign of the altitude from its reference %i', async (reference, altitude) => {
    const found = await at({ ...ROME, 5: { bytes: [reference] }, 6: { fractions: [[3525, 100]] } })
    expect(found).toMatchObject({ altitude })
  })

  it('reads minutes with decimals and no seconds', async () => {
    const found = await at({
      ...ROME,
      2: {
        fractions: [
          [41, 1],
          [53_412, 1000],
          [0, 0],
        ],
      },
    })
    expect(found).toMatchObject({ latitude: 41.8902 })
  })

  it('returns 0, not -0, on the equator', async () => {
    const found = await at({
      ...ROME,
      1: { text: 'S' },
      2: {
        fractions: [
          [0, 1],
          [0, 1],
          [0, 1],
        ],
      },
    })
    expect(Object.is(found?.latitude, 0)).toBe(true)
  })

  it.each<[string, Tags]>([
    ['a hemisphere is missing', { 2: ROME[2]!, 3: ROME[3]!, 4: ROME[4]! }],
    ['longitude is missing', { 1: ROME[1]!, 2: ROME[2]! }],
    [
      'the camera had no fix',
      {
        ...ROME,
        2: {
          fractions: [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
        },
      },
    ],
    [
      'a value is out of range',
      {
        ...ROME,
        4: {
          fractions: [
            [181, 1],
            [0, 1],
            [0, 1],
          ],
        },
      },
    ],
  ])('returns null if %s', async (_why, tags) => {
    expect(await at(tags)).toBeNull()
  })

  it('returns null for a picture without EXIF', async () => {
    expect(await find(gps, sharp(await fixture('photos/alpha.png')))).toBeNull()
  })
})
