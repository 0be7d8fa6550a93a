import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { phash } from '../../../src/analyzers/builtin/phash.js'
import { fixture } from '../../support/pictures.js'
import { find, plain } from '../find.js'

const PHOTOS = [
  'landscape.jpg',
  'progressive.jpg',
  'portrait.webp',
  'grey.jpg',
  'UPPER.JPG',
  'flat-art.png',
  'alpha.png',
]

function distance(one: string, other: string): number {
  return (BigInt(`0x${one}`) ^ BigInt(`0x${other}`)).toString(2).replaceAll('0', '').length
}

/** Returns a grey picture with one DCT basis function, `across` and `down`. */
function wave(across: number, down: number, height = 100): Sharp {
  const cosine = (frequency: number, at: number) => Math.cos((Math.PI * frequency * (2 * at + 1)) / 64)
  const grey = Uint8Array.from(
    { length: 32 * 32 },
    (_, at) => 128 + height * cosine(across, at % 32) * cosine(down, Math.floor(at / 32)),
  )
  return sharp(grey, { raw: { width: 32, height: 32, channels: 1 } })
}

describe('phash', () => {
  it.each(PHOTOS)('differs in few bits between copies of %s', async (photo) => {
    const bytes = await fixture(`photos/${photo}`)
    const hash = await find(phash, bytes)
    expect(hash).toMatch(/^[0-9a-f]{16}$/)
    const copies = {
      small: sharp(bytes).resize(120),
      large: sharp(bytes).resize(1500),
      compressed: sharp(bytes).flatten({ background: '#fff' }).jpeg({ quality: 30 }),
      squeezed: sharp(bytes).resize(200, 200, { fit: 'fill' }),
      brighter: sharp(bytes).linear(0.9, 10),
    }
    for (const [name, copy] of Object.entries(copies)) {
      expect(distance(hash, await find(phash, await copy.toBuffer())), name).toBeLessThanOrEqual(8)
    }
  })

  it('differs in many bits between different pictures', async () => {
    const hashes = await Promise.all(
      PHOTOS.map(async (photo) => find(phash, await fixture(`photos/${photo}`))),
    )
    for (const [index, hash] of hashes.entries()) {
      for (const other of hashes.slice(index + 1)) expect(distance(hash, other)).toBeGreaterThan(12)
    }
  })

  it('is the same for all stored orientations', async () => {
    const hash = await find(phash, await fixture('photos/orientation/Landscape_1.jpg'))
    for (let orientation = 2; orientation <= 8; orientation++) {
      const stored = await fixture(`photos/orientation/Landscape_${orientation}.jpg`)
      expect(distance(hash, await find(phash, stored))).toBeLessThanOrEqual(2)
    }
  })

  it('has only the bit of the mean for a single colour', async () => {
    expect(await find(phash, plain('#777'))).toBe('8000000000000000')
  })

  it.each([
    [3, 0, 3],
    [0, 3, 24],
    [7, 2, 23],
    [5, 7, 61],
  ])('represents frequency %i across and %i down in bit %i', async (across, down, place) => {
    const bit = async (height: number) =>
      BigInt(`0x${await find(phash, wave(across, down, height))}`)
        .toString(2)
        .padStart(64, '0')
        .charAt(place)
    expect(await bit(100)).toBe('1')
    expect(await bit(-100)).toBe('0')
  })
})
