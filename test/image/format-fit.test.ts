import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { FORMATS } from '../../src/image/output-formats.js'
import { make, makePlain } from '../support/pictures.js'

/** Returns the format of an output, or the code and message of the error. */
async function outcome(source: Buffer, ops: readonly ImageOp[]): Promise<string> {
  return make(source, ops).then(
    ({ info }) => info.format,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  )
}

/** Creates a PNG of noise, which `auto` takes for a photo. */
function makeNoise(width: number, height: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
  return sharp({ create: { width, height, channels: 3, background: 'black', noise } })
    .png()
    .toBuffer()
}

/** Creates an animation of three frames, two of them equal. */
async function animate(width: number, height: number): Promise<Buffer> {
  const frames = await Promise.all(['red', 'red', 'blue'].map((colour) => makePlain(width, height, colour)))
  return sharp(frames, { join: { animated: true } })
    .gif({ delay: [50, 60, 70], keepDuplicateFrames: true })
    .toBuffer()
}

describe('a picture at the limit of its format', () => {
  it.each(['jpeg', 'webp', 'avif', 'gif'] as const)(
    'is made in %s, and rejected one pixel above',
    async (type) => {
      const { maxSide } = FORMATS[type]
      const to = (width: number): ImageOp => ({ resize: { width, height: 2, fit: 'fill', enlarge: true } })
      const source = await makePlain(40, 2)
      expect(await outcome(source, [to(maxSide), { format: type }])).toBe(type)
      expect(await outcome(source, [to(maxSide + 1), { format: type }])).toMatch(
        new RegExp(
          `^INVALID_OPERATION: format: .*at most ${maxSide} pixels a side, but .*${maxSide + 1}x2\\.`,
        ),
      )
    },
  )

  it.each(['png', 'tiff'] as const)('has no limit of its own in %s', async (type) => {
    expect(await outcome(await makePlain(2, 70_000), [{ format: type }])).toBe(type)
  })

  it('is INVALID_OPERATION with a way out', async () => {
    const tall = await makePlain(2, 20_000)
    expect(await outcome(tall, [{ format: 'webp' }])).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format: WebP holds at most 16383 pixels a side, but the picture is 2x20000. Make it smaller, or choose another format."`,
    )
    for (const format of [
      { type: 'webp', quality: 'auto' },
      { type: 'webp', maxBytes: '10KB' },
    ] as const) {
      expect(await outcome(tall, [{ format }])).toMatch(/WebP holds at most 16383 .* 2x20000/)
    }
  })

  it('names the limit also if the size depends on the pixels', async () => {
    expect(
      await outcome(await makeNoise(4, 20_000), [{ trim: true }, { format: 'webp' }]),
    ).toMatchInlineSnapshot(
      `"INVALID_OPERATION: The picture is too large for WebP, which holds at most 16383 pixels a side. Make it smaller, or choose another format."`,
    )
  })
})

describe('format: auto for a large picture', () => {
  it('leaves out formats that cannot hold it', async () => {
    expect(await outcome(await makeNoise(2, 16_400), [{ format: 'auto' }])).toBe('jpeg')
    expect(
      await outcome(await makeNoise(2, 16_384), [{ format: { type: 'auto', among: ['webp', 'avif'] } }]),
    ).toBe('avif')
    expect(await outcome(await makePlain(2, 16_400), [{ format: 'auto' }])).toBe('png')
    expect(await outcome(await makePlain(2, 16_400, 'transparent'), [{ format: 'auto' }])).toBe('png')
    expect(await outcome(await makeNoise(2, 66_000), [{ format: 'auto' }])).toBe('png')
  })

  it('takes GIF for an animation that WebP cannot hold', async () => {
    const { data, info } = await make(await animate(4, 16_400), [{ format: 'auto' }])
    expect([info.format, info.pages, (await sharp(data).metadata()).delay]).toEqual(['gif', 2, [110, 70]])
  })

  it('names all limits if no listed format can hold it', async () => {
    const ops: ImageOp[] = [{ format: { type: 'auto', among: ['webp', 'jpeg', 'gif'] } }]
    expect(await outcome(await makePlain(2, 66_000), ops)).toMatchInlineSnapshot(
      `"INVALID_OPERATION: format: auto: none of its formats can hold the picture of 2x66000: WebP holds at most 16383 pixels a side; JPEG holds at most 65500 pixels a side; GIF holds at most 65535 pixels a side. Add another format to among, or make the picture smaller."`,
    )
  })
})
