import { describe, expect, it } from 'vitest'
import { metadata } from '../../../src/analyzers/builtin/metadata.js'
import { encodeExif, jpegWith, type Tags } from './exif-block.js'
import { fixture } from '../../support/pictures.js'
import { find, plain } from '../find.js'

const photo = async (photo: Tags) => find(metadata, await jpegWith(encodeExif({ photo })))

describe('metadata', () => {
  it('returns the camera data without the position', async () => {
    expect(await find(metadata, await fixture('photos/landscape.jpg'))).toEqual({
      make: 'Imgproc Works',
      model: 'Fixture One',
      taken: '2026-06-21T09:30:00',
      orientation: 1,
      artist: 'Ada Example',
      copyright: '(c) 2026 Ada Example',
    })
  })

  it.each([true, false])('reads lens, exposure and offset (little-endian: %s)', async (little) => {
    const exif = encodeExif(
      {
        image: { 0x010f: { text: 'Acme' } },
        photo: {
          0x829a: { fractions: [[1, 250]] },
          0x829d: { fractions: [[28, 10]] },
          0x8827: { shorts: [400] },
          0x9003: { text: '2024:02:29 23:59:58' },
          0x9011: { text: '+05:30' },
          0x920a: { fractions: [[4150, 1000]] },
          0xa405: { shorts: [26] },
          0xa434: { text: 'Acme 26 mm f/2.8' },
        },
      },
      little,
    )
    expect(await find(metadata, await jpegWith(exif))).toEqual({
      make: 'Acme',
      lens: 'Acme 26 mm f/2.8',
      taken: '2024-02-29T23:59:58+05:30',
      exposureTime: 0.004,
      fNumber: 2.8,
      iso: 400,
      focalLength: 4.15,
      focalLength35mm: 26,
    })
  })

  it('returns an empty object without EXIF', async () => {
    expect(await find(metadata, plain('red'))).toEqual({})
  })

  it('returns the orientation if it is the only metadata', async () => {
    expect(await find(metadata, await fixture('photos/orientation/Landscape_6.jpg'))).toEqual({
      orientation: 6,
    })
  })

  it.each([
    '0000:00:00 00:00:00',
    '    :  :     :  :  ',
    '2026:02:31 10:00:00',
    '2026:13:01 10:00:00',
    'yesterday',
  ])('ignores the invalid date "%s"', async (text) => {
    expect(await photo({ 0x9003: { text } })).toEqual({})
  })

  it('falls back to the digitization date, with its own offset', async () => {
    const taken = { 0x9003: { text: '0000:00:00 00:00:00' }, 0x9011: { text: '+09:00' } }
    const digitized = { 0x9004: { text: '2001:01:02 03:04:05' }, 0x9012: { text: '-03:00' } }
    expect(await photo({ ...taken, ...digitized })).toEqual({ taken: '2001-01-02T03:04:05-03:00' })
  })

  it('leaves out zeros and fractions of 0/0', async () => {
    expect(await photo({ 0x920a: { fractions: [[0, 1]] }, 0x829d: { fractions: [[0, 0]] } })).toEqual({})
  })

  it('reads a sensitivity above 16 bits', async () => {
    const overflow: Tags = { 0x8827: { shorts: [65_535] } }
    expect(await photo({ ...overflow, 0x8832: { fractions: [[102_400, 1]] } })).toEqual({ iso: 102_400 })
    expect(await photo(overflow)).toEqual({ iso: 65_535 })
  })

  it('reads UTF-8 names, and the second copyright if the first is blank', async () => {
    const exif = encodeExif({ image: { 0x013b: { text: 'Zoë Ünal' }, 0x8298: { text: ' \0The editor' } } })
    expect(await find(metadata, await jpegWith(exif))).toEqual({
      artist: 'Zoë Ünal',
      copyright: 'The editor',
    })
  })
})
