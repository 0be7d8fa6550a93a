import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { entropy } from '../../../src/analyzers/builtin/entropy.js'
import { fixture } from '../../support/pictures.js'
import { draw, find, plain } from '../find.js'

/** Returns a picture with `count` equally frequent grey levels. */
function greys(count: number): Sharp {
  const data = Uint8Array.from({ length: 64 * 64 }, (_, at) => Math.floor(256 / count) * (at % count))
  return sharp(data, { raw: { width: 64, height: 64, channels: 1 } })
}

describe('entropy', () => {
  it.each([
    [1, 0],
    [2, 1],
    [16, 4],
    [64, 6],
  ])('is, for %i equally frequent greys, %i bits', async (count, bits) => {
    expect(await find(entropy, greys(count))).toBeCloseTo(bits, 1)
  })

  it('is higher for a photo than for flat art', async () => {
    const photo = await find(entropy, await fixture('photos/landscape.jpg'))
    const art = await find(entropy, await fixture('photos/flat-art.png'))
    expect(photo).toBeGreaterThan(art + 2)
  })

  it("equals sharp's entropy for pictures up to 1024x1024", async () => {
    const bytes = await fixture('photos/progressive.jpg')
    expect(await find(entropy, bytes)).toBeCloseTo((await sharp(bytes).stats()).entropy, 2)
  })

  it('counts transparent pixels as white', async () => {
    expect(await find(entropy, plain('transparent'))).toBe(0)
    const half = draw('<rect width="32" height="64" fill="#000"/>', 64, 64)
    expect(await find(entropy, half)).toBe(1)
  })
})
