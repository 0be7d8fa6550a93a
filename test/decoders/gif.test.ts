import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { gifs } from '../../torture/grammar/gif.js'
import { writeGif } from '../../torture/grammar/gif-file.js'
import { createGifDecoder } from '../../src/decoders/gif.js'
import { withDefaults } from '../../src/image/limits.js'
import { openImage, type OpenImage } from '../../src/image/open-image.js'
import type { Limits } from '../../src/image/types.js'
import { renderRendition } from '../../src/render/render-rendition.js'
import { fixture, pixelAt, pixelsOf } from '../support/pictures.js'
import { expectFrames } from '../support/frames.js'

const decoders = [createGifDecoder()]
const named = new Map([...gifs(0)].map((gif) => [gif.name, gif.bytes]))

function open(
  bytes: Uint8Array,
  limits: Partial<Limits> = {},
  failOn: 'error' | 'none' = 'error',
): Promise<OpenImage> {
  return openImage(bytes, { limits: withDefaults(limits), failOn, decoders })
}

async function isAccepted(bytes: Uint8Array): Promise<boolean> {
  return (await open(bytes)).release !== undefined
}

/** A frame that covers neither the canvas nor a colour. */
const patch = { left: 2, top: 2, width: 8, height: 8, delay: 10, disposal: 1 }
const palette = [
  [255, 0, 0],
  [0, 0, 255],
] as const

describe('GIF decoder', () => {
  it('composes all kinds of frames as browsers do, itself or by sharp', async () => {
    for (const gif of gifs(150)) {
      const { bytes, metadata } = await open(gif.bytes)
      await expectFrames(bytes, gif.expected, gif.name)
      expect([metadata.delay, metadata.loop], gif.name).toEqual([gif.expected.delays, gif.expected.plays])
    }
  })

  it('leaves GIFs to sharp that it composes right', async () => {
    expect(await isAccepted(await fixture('photos/animated.gif'))).toBe(false)
    for (const name of [
      'local-palettes',
      'previous-chain',
      'outside-right',
      'transparent-first',
      'interlaced',
    ])
      expect(await isAccepted(named.get(name)!), name).toBe(false)
  })

  it('makes uncovered areas white in JPEG and transparent in PNG, WebP and GIF', async () => {
    const image = await open(named.get('still')!)
    const jpeg = await pixelsOf((await renderRendition(image, [{ format: 'jpeg' }])).data)
    expect(pixelAt(jpeg, 19, 15)).toEqual([255, 255, 255, 255])
    for (const format of ['png', 'webp', 'gif'] as const) {
      const { data, info } = await renderRendition(image, [{ format }])
      expect(pixelAt(await pixelsOf(data), 19, 15)[3], format).toBe(0)
      expect([info.format, info.width, info.height, info.pages]).toEqual([format, 20, 16, undefined])
    }
  })

  it('gives an animation in the format of the source, also with neverGrow', async () => {
    const bytes = named.get('small-first')!
    const image = await open(bytes)
    const { data, info } = await renderRendition(image, [{ resize: '50%' }])
    expect([info.format, info.pages, (await sharp(data).metadata()).format]).toEqual(['gif', 2, 'gif'])
    const kept = await renderRendition(image, [{ format: { type: 'gif', neverGrow: true } }])
    expect((await sharp(kept.data).metadata()).format).toBe('gif')
  })

  it('rejects damaged indices as CORRUPT_IMAGE, and keeps those before them with failOn none', async () => {
    const bytes = writeGif({
      width: 20,
      height: 20,
      palette,
      frames: [{ ...patch, pixels: new Uint8Array(64) }],
    })
    const dataAt = bytes.lastIndexOf(0x2c) + 10
    // A code that no earlier one defines.
    bytes[dataAt + 2] = 0xfc
    await expect(open(bytes)).rejects.toMatchObject({ code: 'CORRUPT_IMAGE', stage: 'decode' })
    const { bytes: partly } = await open(bytes, {}, 'none')
    expect((await sharp(partly).metadata()).width).toBe(20)
  })

  it('leaves a file that is cut off to sharp', async () => {
    const bytes = named.get('small-first')!
    const cut = bytes.subarray(0, bytes.length - 12)
    expect(
      createGifDecoder().accepts({ bytes: cut, metadata: await sharp(bytes).metadata(), format: 'gif' }),
    ).toBe(false)
  })

  it('rejects a canvas that WebP cannot hold, and a frame beyond the limit of pixels', async () => {
    const pixels = new Uint8Array(64)
    const long = writeGif({ width: 20, height: 17_000, palette, frames: [{ ...patch, pixels }] })
    await expect(open(long)).rejects.toThrow(/20x17000 .* not supported above 16383 pixels/)
    const large = { left: 0, top: 0, width: 2000, height: 2000, delay: 1, disposal: 1 }
    const frames = [
      { ...patch, pixels },
      { ...large, pixels: new Uint8Array(4e6) },
    ]
    const bytes = writeGif({ width: 20, height: 20, palette, frames })
    await expect(open(bytes, { pixels: 1e6 })).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
  })

  it('makes a still of an animation that has too many pixels in all its frames', async () => {
    const image = await open(named.get('small-first')!, { pixels: 500 })
    const { info } = await renderRendition(image, [{ format: 'png' }])
    expect([info.width, info.height]).toEqual([20, 16])
    await expect(renderRendition(image, [{ format: 'webp' }])).rejects.toMatchObject({
      code: 'TOO_MANY_PIXELS',
    })
  })

  it('stops between frames if it is aborted or late', async () => {
    const bytes = named.get('small-first')!
    const metadata = await sharp(bytes).metadata()
    const decode = (options: { signal?: AbortSignal; seconds: number }) =>
      createGifDecoder().decode(bytes, metadata, { maxPixels: 1e6, ...options })
    await expect(decode({ signal: AbortSignal.abort(), seconds: 60 })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    await expect(decode({ seconds: 1e-9 })).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })
})
