import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { gifs } from '../../torture/grammar/gif.js'
import { encodeRendition, renderRendition } from '../../src/render/render-rendition.js'
import { open, pixelsOf } from '../support/pictures.js'

const WIDTH = 40
const HEIGHT = 30

/** Creates a white animation with one black square per frame, each at another position. */
async function animate(places: readonly { left: number; top: number }[]): Promise<Buffer> {
  const frames = await Promise.all(
    places.map(({ left, top }) => {
      const square = { create: { width: 6, height: 6, channels: 3, background: 'black' } } as const
      return sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: 'white' } })
        .composite([{ input: square, left, top }])
        .png()
        .toBuffer()
    }),
  )
  return sharp(frames, { join: { animated: true } })
    .webp({ lossless: true, delay: [100, 200], loop: 2 })
    .toBuffer()
}

describe('animation', () => {
  it('is trimmed to one box that holds the content of all frames', async () => {
    const image = await open(
      await animate([
        { left: 5, top: 4 },
        { left: 20, top: 10 },
      ]),
    )
    const { data, info } = await renderRendition(image, [
      { trim: true },
      { format: { type: 'webp', lossless: true } },
    ])
    expect(info).toMatchObject({ width: 26 - 5, height: 16 - 4, pages: 2 })
    const first = await pixelsOf(await sharp(data, { page: 0 }).png().toBuffer())
    const second = await pixelsOf(await sharp(data, { page: 1 }).png().toBuffer())
    // The first square is at the top left of the box, the second at the bottom right.
    expect([first.data[0], first.data.at(-2)]).toEqual([0, 255])
    expect([second.data[0], second.data.at(-2)]).toEqual([255, 0])
  })

  it('is cropped at the same place in all frames by position: attention', async () => {
    const image = await open(
      await animate([
        { left: 2, top: 12 },
        { left: 32, top: 12 },
      ]),
    )
    const square = { width: 30, height: 30, fit: 'cover', position: 'attention' } as const
    const { data, info } = await renderRendition(image, [
      { thumbnail: square },
      { format: { type: 'webp', lossless: true } },
    ])
    expect(info).toMatchObject({ width: 30, height: 30, pages: 2 })
    const [first, second] = await Promise.all(
      [0, 1].map(async (page) => pixelsOf(await sharp(data, { page }).png().toBuffer())),
    )
    // The first frame decides: the square of the second is outside the crop.
    expect(Math.min(...first!.data)).toBe(0)
    expect(Math.min(...second!.data)).toBeGreaterThan(200)
  })
})

describe('pages of an animation', () => {
  const sources = new Map([...gifs(0)].map(({ name, bytes }) => [name, bytes]))

  it.each([
    ['equal-frames', 3, 3],
    ['all-equal', 1, 1],
    ['equal-and-long', 3, 2],
  ])(
    'are counted in the file that is written, for %s: %i in GIF, %i in WebP',
    async (name, inGif, inWebp) => {
      const image = await open(sources.get(name)!)
      for (const [type, expected] of [
        ['gif', inGif],
        ['webp', inWebp],
      ] as const) {
        expect((await encodeRendition(image, [{ format: type }])).pages, type).toBe(expected)
        // Keeps the source with all its frames if it is smaller.
        const { data, pages } = await encodeRendition(image, [{ format: { type, neverGrow: true } }])
        expect(pages, type).toBe((await sharp(data).metadata()).pages ?? 1)
      }
    },
  )
})
