import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { colourAt, difference, fixture, make, pixelsOf, type Pixels } from '../support/pictures.js'

const lists: [name: string, ops: ImageOp[]][] = [
  ['nothing', []],
  ['thumbnail', [{ thumbnail: 60 }]],
  ['a covering thumbnail', [{ thumbnail: { width: 40, height: 40, fit: 'cover', position: 'left' } }]],
  ['crop', [{ crop: '60x50@20x30' }]],
  ['rotate', [{ rotate: 90 }]],
  ['half a turn', [{ rotate: 180 }]],
  ['flip and flop', [{ flip: true }, { flop: true }]],
  ['a rotation by 20 degrees', [{ rotate: 20 }]],
  ['blur and sharpen', [{ blur: 3 }, { sharpen: 1 }]],
  ['grayscale', [{ grayscale: true }]],
  ['many', [{ blur: 1 }, { resize: '50%' }, { rotate: -90 }, { crop: '30x30' }, { flop: true }, { blur: 1 }]],
]

/** Returns pages, delays and loop of an animation. */
async function timelineOf(bytes: Uint8Array): Promise<object> {
  const { pages, delay, loop } = await sharp(bytes).metadata()
  return { pages, delay, loop }
}

async function frameOf(bytes: Uint8Array, page: number): Promise<Pixels> {
  return pixelsOf(await sharp(bytes, { page }).png().toBuffer())
}

describe.each(['animated.gif', 'animated.webp'])('animation %s', (file) => {
  it.each(lists)('keeps its timeline, and renders each frame like a still, after %s', async (_, ops) => {
    const source = await fixture(`photos/${file}`)
    const { data } = await make(source, [...ops, { format: { type: 'webp', lossless: true, effort: 0 } }])
    expect(await timelineOf(data)).toEqual(await timelineOf(source))
    for (const page of [0, 2, 5]) {
      const still = await sharp(source, { page }).png().toBuffer()
      const alone = await make(still, [...ops, { format: 'png' }])
      const { max, mean } = difference(await frameOf(data, page), await pixelsOf(alone.data))
      expect(max <= 2 || mean < 0.3, `frame ${page}: max ${max}, mean ${mean}`).toBe(true)
    }
  })

  it('keeps its timeline in the format of the source', async () => {
    const source = await fixture(`photos/${file}`)
    const { data, info } = await make(source, [{ rotate: 90 }, { thumbnail: 50 }])
    expect(await timelineOf(data)).toEqual(await timelineOf(source))
    expect(info).toMatchObject({ width: 38, height: 50, pages: 6 })
  })

  it.each(['jpeg', 'png', 'avif'] as const)('becomes its first frame in %s', async (format) => {
    const source = await fixture(`photos/${file}`)
    const { data, info } = await make(source, [{ resize: 60 }, { format }])
    expect([info.width, info.height, 'pages' in info]).toEqual([60, 45, false])
    const first = await sharp(source, { page: 0 }).resize(60).png().toBuffer()
    const second = await sharp(source, { page: 1 }).resize(60).png().toBuffer()
    const made = await pixelsOf(data)
    expect(difference(made, await pixelsOf(first)).mean).toBeLessThan(5)
    expect(difference(made, await pixelsOf(second)).mean).toBeGreaterThan(5)
  })
})

describe('rendering an animation', () => {
  it.each(['gif', 'webp'] as const)(
    'keeps pages, delays and loop in %s, from GIF and from WebP',
    async (format) => {
      for (const file of ['animated.gif', 'animated.webp']) {
        const source = await fixture(`photos/${file}`)
        const { data } = await make(source, [{ thumbnail: 40 }, { format }])
        expect(await timelineOf(data)).toEqual(await timelineOf(source))
      }
    },
  )

  it('keeps transparency', async () => {
    const frames = ['red', 'blue'].map((background) =>
      sharp({ create: { width: 10, height: 10, channels: 4, background } })
        .extend({ right: 10, background: 'transparent' })
        .png()
        .toBuffer(),
    )
    const source = await sharp(await Promise.all(frames), { join: { animated: true } })
      .gif({ delay: [50, 70], loop: 1 })
      .toBuffer()
    for (const format of ['gif', 'webp'] as const) {
      const { data } = await make(source, [{ flop: true }, { format }])
      expect(await timelineOf(data)).toEqual({ pages: 2, delay: [50, 70], loop: 1 })
      const [first, second] = [await frameOf(data, 0), await frameOf(data, 1)]
      expect([first, second].map((frame) => colourAt(frame, 3, 5))).toEqual(['transparent', 'transparent'])
      expect([first, second].map((frame) => colourAt(frame, 15, 5))).toEqual(['red', 'blue'])
    }
  })

  it('renders an animation of one frame as a still', async () => {
    const source = await sharp(await fixture('photos/animated.gif'), { page: 0 })
      .gif()
      .toBuffer()
    expect('pages' in (await make(source, [{ resize: 60 }])).info).toBe(false)
  })

  it('rejects an animation whose frames together have too many pixels', async () => {
    const source = await fixture('photos/animated.gif')
    const limits = { pixels: 120 * 90 * 6 - 1 }
    await expect(make(source, [], limits)).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
    expect((await make(source, [{ format: 'png' }], limits)).info.width).toBe(120)
  })

  it('rejects an animation with too many frames', async () => {
    const refused = make(await fixture('photos/animated.gif'), [], { frames: 5 })
    await expect(refused).rejects.toMatchObject({
      code: 'TOO_MANY_PIXELS',
      message: '6 frames are more than the limit of 5. If you trust the file, raise limits.frames.',
    })
  })
})
