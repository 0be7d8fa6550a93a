import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { webpAnimations } from '../../torture/grammar/webp-animation.js'
import { readWebpAnimation } from '../../src/metadata/webp-frames.js'
import { decodeFrames } from '../../src/render/animation-frames.js'
import { findWronglyBlended } from '../../src/render/webp-frames.js'
import { expectPixels } from '../support/frames.js'
import { make, open } from '../support/pictures.js'

const LOSSLESS = { format: { type: 'webp', lossless: true, exact: true, effort: 0 } } as const

/** Levels of 255 by which blended pixels may differ: Chromium differs by as much from exact fractions. */
const TOLERANCE = 2

describe('animated WebP', () => {
  it('is composed as browsers do, whatever its blending, disposal, offsets and background colour', async () => {
    for await (const { name, bytes, expected } of webpAnimations(60)) {
      const image = await open(bytes)
      const frames = await decodeFrames(image, false, 60)
      expect([image.metadata.delay, image.metadata.loop], name).toEqual([expected.delays, expected.plays])
      const pixels = Buffer.concat(frames.map((frame) => frame.bytes))
      expectPixels(pixels, expected, TOLERANCE, name)
    }
  })

  it.each(['half-over-opaque', 'translucent-over-opaque'])(
    'stays opaque after blending: %s',
    async (wanted) => {
      for await (const { name, bytes } of webpAnimations(0)) {
        if (name !== wanted) continue
        const { data } = await make(bytes, [LOSSLESS])
        const { channels } = await sharp(data, { animated: true }).stats()
        expect(channels[3]?.min ?? 255).toBe(255)
      }
    },
  )

  it.each([true, false])('is converted by its profile, or keeps its colours: %s', async (keepColours) => {
    const frames = [
      { r: 200, g: 60, b: 40, alpha: 1 },
      { r: 40, g: 200, b: 60, alpha: 0.9 },
    ].map((background) =>
      sharp({ create: { width: 16, height: 12, channels: 4, background } })
        .png()
        .toBuffer(),
    )
    const bytes = await sharp(await Promise.all(frames), { join: { animated: true } })
      .withIccProfile('p3')
      .webp({ lossless: true, exact: true })
      .toBuffer()
    const blends = Buffer.from(bytes)
    // Blends the second frame over the first.
    for (const { durationAt } of readWebpAnimation(bytes)!.frames) blends[durationAt + 3] = 0
    const image = await open(blends)
    expect(findWronglyBlended(image)).toBeDefined()
    const [first] = await decodeFrames(image, keepColours, 60)
    const strip = await sharp(bytes, { ignoreIcc: keepColours }).ensureAlpha().raw().toBuffer()
    expect([...first!.bytes.subarray(0, 4)]).toEqual([...strip.subarray(0, 4)])
    expect((await decodeFrames(image, keepColours, 60)).map((frame) => frame.bytes[3])).toEqual([255, 255])
  })
})
