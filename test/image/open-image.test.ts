import { describe, expect, it } from 'vitest'
import { ImgprocError } from '../../src/errors.js'
import { withDefaults } from '../../src/image/limits.js'
import type { Limits } from '../../src/image/types.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { fixture, make, makePlain } from '../support/pictures.js'

/** What making a small picture of some bytes is refused with: its code, its stage and its message. */
async function refusalOf(
  bytes: Uint8Array,
  ops: readonly ImageOp[] = [{ thumbnail: 50 }],
  limits: Partial<Limits> = {},
): Promise<string> {
  const error: unknown = await make(bytes, ops, limits).catch((thrown: unknown) => thrown)
  if (!(error instanceof ImgprocError)) throw new Error('was not refused')
  // One sentence, and not the many lines of libvips.
  expect(error.message).toMatch(/^[A-Z0-9a-z][^\n]+\.$/)
  return `${error.code} (${error.stage}): ${error.message}`
}

describe('a broken source', () => {
  it('is corrupt where it breaks off', async () => {
    expect(await refusalOf(await fixture('broken/truncated.jpg'))).toMatchInlineSnapshot(
      `"CORRUPT_IMAGE (decode): The image is damaged: it can not be decoded whole. Replace it; of one that was cut off, failOn none (--fail-on none) takes what is there."`,
    )
    expect(await refusalOf(await fixture('broken/truncated.png'))).toMatchInlineSnapshot(
      `"CORRUPT_IMAGE (decode): The image is damaged: it can not be decoded whole. Replace it; of one that was cut off, failOn none (--fail-on none) takes what is there."`,
    )
  })

  it('is corrupt also where several passes come first', async () => {
    const ops: ImageOp[] = [{ blur: 1 }, { resize: 50 }, { blur: 1 }]
    expect(await refusalOf(await fixture('broken/truncated.jpg'), ops)).toMatch(/^CORRUPT_IMAGE \(decode\)/)
    expect(await refusalOf(await fixture('broken/truncated.png'), ops)).toMatch(/^CORRUPT_IMAGE \(decode\)/)
  })

  it.each(['progressive.jpg', 'portrait.webp', 'animated.webp', 'photo.avif', 'drawing.svg'])(
    'is corrupt where the end of %s is missing',
    async (file) => {
      const whole = await fixture(`photos/${file}`)
      const cut = whole.subarray(0, Math.floor(whole.length * 0.9))
      expect(await refusalOf(cut)).toMatch(/^CORRUPT_IMAGE \(decode\): The image is damaged: /)
    },
  )

  it('is corrupt where it is empty', async () => {
    expect(await refusalOf(await fixture('broken/empty.jpg'))).toMatchInlineSnapshot(
      `"CORRUPT_IMAGE (decode): The file is empty (0 bytes)."`,
    )
  })

  it('is no image where its content is none, whatever its name', async () => {
    for (const file of ['broken/garbage.png', 'broken/text.jpg', 'odd/notes.txt']) {
      expect(await refusalOf(await fixture(file))).toBe(
        'UNSUPPORTED_FORMAT (decode): The file is not an image in a format that imgproc reads.',
      )
    }
  })

  it('keeps what sharp said as its cause', async () => {
    const refused = make(await fixture('broken/truncated.jpg'), [])
    await expect(refused).rejects.toHaveProperty('cause.message', expect.stringMatching(/premature end/i))
  })
})

describe('an odd source', () => {
  it.each([
    ['odd/lying.jpg', 'png', '50x38'],
    ['odd/no-extension', 'jpeg', '50x38'],
    ['odd/one-pixel.png', 'png', '1x1'],
    ['odd/wide.png', 'png', '50x1'],
  ])('works by its content: %s', async (file, format, size) => {
    const { info } = await make(await fixture(file), [{ thumbnail: 50 }])
    expect([info.format, `${info.width}x${info.height}`]).toEqual([format, size])
  })
})

describe('the limit of pixels', () => {
  it('stops a bomb by its header', async () => {
    expect(await refusalOf(await fixture('odd/bomb.png'))).toMatchInlineSnapshot(
      `"TOO_MANY_PIXELS (decode): 30000x30000 is more than the limit of 268402689 pixels (limits.pixels, --limit-pixels)."`,
    )
  })

  it('holds for the source, to the pixel', async () => {
    const source = await makePlain(40, 30)
    expect(await refusalOf(source, [], { pixels: 1199 })).toMatchInlineSnapshot(
      `"TOO_MANY_PIXELS (decode): 40x30 is more than the limit of 1199 pixels (limits.pixels, --limit-pixels)."`,
    )
    expect((await make(source, [], { pixels: 1200 })).info.width).toBe(40)
  })

  it('holds for what operations make, before anything is decoded', async () => {
    const huge = { width: 100_000, height: 100_000, enlarge: true, fit: 'fill' } as const
    expect(await refusalOf(await makePlain(40, 30), [{ resize: huge }])).toMatchInlineSnapshot(
      `"TOO_MANY_PIXELS (decode): resize would make 100000x100000, more than the limit of 268402689 pixels (limits.pixels, --limit-pixels)."`,
    )
    // A source that can't be decoded: so nobody tried.
    expect(await refusalOf(await fixture('broken/truncated.jpg'), [{ resize: huge }])).toMatch(
      /^TOO_MANY_PIXELS/,
    )
  })

  it('holds for every step on the way', async () => {
    const ops: ImageOp[] = [{ resize: { width: 100, enlarge: true } }, { resize: 10 }]
    expect(await refusalOf(await makePlain(40, 30), ops, { pixels: 7499 })).toMatchInlineSnapshot(
      `"TOO_MANY_PIXELS (decode): resize would make 100x75, more than the limit of 7499 pixels (limits.pixels, --limit-pixels)."`,
    )
    expect((await make(await makePlain(40, 30), ops, { pixels: 7500 })).info.width).toBe(10)
  })

  it('holds behind operations whose size only the pixels tell', async () => {
    const ops: ImageOp[] = [{ rotate: 10 }, { resize: { width: 200, height: 200, enlarge: true } }]
    expect(await refusalOf(await makePlain(40, 30), ops, { pixels: 39_999 })).toMatch(
      /^TOO_MANY_PIXELS.*200x200/,
    )
    const vector = await fixture('photos/drawing.svg')
    expect(await refusalOf(vector, [{ thumbnail: 99_999 }])).toMatch(/^TOO_MANY_PIXELS.*99999x74999/)
  })

  it('is that of sharp unless another is given', () => {
    expect(withDefaults()).toEqual({ pixels: 0x3fff ** 2, bytes: 2 ** 28, frames: 1000, seconds: 60 })
    expect(withDefaults({ frames: 3, pixels: undefined })).toMatchObject({ frames: 3, pixels: 0x3fff ** 2 })
  })
})

describe('what an encoder refuses', () => {
  it('is explained', async () => {
    const wide = { width: 20_000, height: 2, enlarge: true, fit: 'fill' } as const
    const ops: ImageOp[] = [{ resize: wide }, { format: 'webp' }]
    expect(await refusalOf(await makePlain(40, 2), ops)).toMatchInlineSnapshot(
      `"INVALID_OPERATION (encode): Processed image is too large for the WebP format. Make it smaller, or choose another format."`,
    )
  })
})
