import sharp from 'sharp'
import { thumbHashToAverageRGBA, thumbHashToRGBA } from 'thumbhash'
import { describe, expect, it } from 'vitest'
import { thumbhash } from '../../../src/analyzers/builtin/thumbhash.js'
import { difference, fixture, pixelsOf } from '../../support/pictures.js'
import { find, plain } from '../find.js'

/** Returns the difference of a decoded hash from the blurred picture, and from the same picture upside down. */
async function compare(hash: string, bytes: Uint8Array): Promise<{ right: number; wrong: number }> {
  const { w: width, h: height, rgba } = thumbHashToRGBA(Buffer.from(hash, 'base64'))
  const decoded = await pixelsOf(
    await sharp(rgba, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer(),
  )
  const small = sharp(bytes, { autoOrient: true }).resize(width, height, { fit: 'fill' }).blur(3)
  const blurred = await small.png().toBuffer()
  return {
    right: difference(decoded, await pixelsOf(blurred)).mean,
    wrong: difference(decoded, await pixelsOf(await sharp(blurred).rotate(180).png().toBuffer())).mean,
  }
}

describe('thumbhash', () => {
  it.each(['photos/landscape.jpg', 'photos/portrait.webp', 'photos/orientation/Landscape_8.jpg'])(
    'decodes to a blurred, upright version of %s',
    async (file) => {
      const bytes = await fixture(file)
      const { right, wrong } = await compare(await find(thumbhash, bytes), bytes)
      expect(right).toBeLessThan(14)
      expect(right).toBeLessThan(wrong * 0.8)
    },
  )

  it('keeps the average colour and transparency', async () => {
    const { r, g, b, a } = thumbHashToAverageRGBA(
      Buffer.from(await find(thumbhash, plain({ r: 255, g: 128, b: 0, alpha: 0.5 })), 'base64'),
    )
    for (const [value, wanted] of [
      [r, 1],
      [g, 0.5],
      [b, 0],
      [a, 0.5],
    ] as const) {
      expect(Math.abs(value - wanted)).toBeLessThan(0.06)
    }
  })

  it('keeps transparent areas', async () => {
    const { w, h, rgba } = thumbHashToRGBA(
      Buffer.from(await find(thumbhash, await fixture('photos/alpha.png')), 'base64'),
    )
    const alphaAt = (x: number, y: number) => rgba[(Math.floor(y * h) * w + Math.floor(x * w)) * 4 + 3]
    expect(alphaAt(0.5, 0.4)).toBeGreaterThan(200)
    expect(alphaAt(0, 0)).toBeLessThan(40)
  })

  it('has at most 36 characters', async () => {
    expect((await find(thumbhash, await fixture('photos/landscape.jpg'))).length).toBeLessThanOrEqual(36)
  })
})
