import { describe, expect, it } from 'vitest'
import { ImgprocError } from '../../src/errors.js'
import { withDefaults } from '../../src/image/limits.js'
import type { Limits } from '../../src/image/types.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { fixture, make, makePlain } from '../support/pictures.js'

/** Renders some bytes, expects an error, and returns its code, stage and message. */
async function failureOf(
  bytes: Uint8Array,
  ops: readonly ImageOp[] = [{ thumbnail: 50 }],
  limits: Partial<Limits> = {},
): Promise<string> {
  const error: unknown = await make(bytes, ops, limits).catch((thrown: unknown) => thrown)
  if (!(error instanceof ImgprocError)) throw new Error('It did not fail.')
  // On one line, without the many lines of libvips.
  expect(error.message).toMatch(/^[A-Z0-9a-z][^\n]+\.$/)
  return `${error.code} (${error.stage}): ${error.message}`
}

describe('a broken source', () => {
  it('is CORRUPT_IMAGE if it is cut off', async () => {
    expect(await failureOf(await fixture('broken/truncated.jpg'))).toMatchInlineSnapshot(
      `"CORRUPT_IMAGE (decode): The image is damaged: it cannot be decoded completely. Replace the file. If it was cut off, failOn none (--fail-on none) decodes the part that is left."`,
    )
    expect(await failureOf(await fixture('broken/truncated.png'))).toMatchInlineSnapshot(
      `"CORRUPT_IMAGE (decode): The image is damaged: it cannot be decoded completely. Replace the file. If it was cut off, failOn none (--fail-on none) decodes the part that is left."`,
    )
  })

  it('is CORRUPT_IMAGE also if it takes several passes', async () => {
    const ops: ImageOp[] = [{ blur: 1 }, { resize: 50 }, { blur: 1 }]
    expect(await failureOf(await fixture('broken/truncated.jpg'), ops)).toMatch(/^CORRUPT_IMAGE \(decode\)/)
    expect(await failureOf(await fixture('broken/truncated.png'), ops)).toMatch(/^CORRUPT_IMAGE \(decode\)/)
  })

  it.each(['progressive.jpg', 'portrait.webp', 'animated.webp', 'photo.avif', 'drawing.svg'])(
    'is CORRUPT_IMAGE if the end of %s is missing',
    async (file) => {
      const whole = await fixture(`photos/${file}`)
      const cut = whole.subarray(0, Math.floor(whole.length * 0.9))
      expect(await failureOf(cut)).toMatch(/^CORRUPT_IMAGE \(decode\): The image is damaged: /)
    },
  )

  it('is CORRUPT_IMAGE if it is empty', async () => {
    expect(await failureOf(await fixture('broken/empty.jpg'))).toMatchInlineSnapshot(
      `"CORRUPT_IMAGE (decode): The file is empty (0 bytes). Copy or download it again."`,
    )
  })

  it('is UNSUPPORTED_FORMAT if its content is not an image, whatever its name', async () => {
    for (const file of ['broken/garbage.png', 'broken/text.jpg', 'odd/notes.txt']) {
      expect(await failureOf(await fixture(file))).toBe(
        'UNSUPPORTED_FORMAT (decode): The file is not an image in a format that imgproc reads.',
      )
    }
  })

  it("keeps sharp's error as the cause", async () => {
    const refused = make(await fixture('broken/truncated.jpg'), [])
    await expect(refused).rejects.toHaveProperty('cause.message', expect.stringMatching(/premature end/i))
  })
})

describe('an unusual source', () => {
  it.each([
    ['odd/lying.jpg', 'png', '50x38'],
    ['odd/no-extension', 'jpeg', '50x38'],
    ['odd/one-pixel.png', 'png', '1x1'],
    ['odd/wide.png', 'png', '50x1'],
  ])('is opened by its content, not its name: %s', async (file, format, size) => {
    const { info } = await make(await fixture(file), [{ thumbnail: 50 }])
    expect([info.format, `${info.width}x${info.height}`]).toEqual([format, size])
  })
})

describe('limit of pixels', () => {
  it('rejects a decompression bomb by its header', async () => {
    expect(await failureOf(await fixture('odd/bomb.png'))).toMatchInlineSnapshot(
      `"TOO_MANY_PIXELS (decode): 30000x30000 is more than the limit of 268402689 pixels. If you trust the file, raise limits.pixels (--limit-pixels)."`,
    )
  })

  it('applies to the source, exact to one pixel', async () => {
    const source = await makePlain(40, 30)
    expect(await failureOf(source, [], { pixels: 1199 })).toMatchInlineSnapshot(
      `"TOO_MANY_PIXELS (decode): 40x30 is more than the limit of 1199 pixels. If you trust the file, raise limits.pixels (--limit-pixels)."`,
    )
    expect((await make(source, [], { pixels: 1200 })).info.width).toBe(40)
  })

  it('applies to the result of operations, before anything is decoded', async () => {
    const huge = { width: 100_000, height: 100_000, enlarge: true, fit: 'fill' } as const
    expect(await failureOf(await makePlain(40, 30), [{ resize: huge }])).toMatchInlineSnapshot(
      `"TOO_MANY_PIXELS (decode): resize would make 100000x100000, more than the limit of 268402689 pixels. If you trust the file, raise limits.pixels (--limit-pixels)."`,
    )
    // This source can't be decoded, so the limit was checked first.
    expect(await failureOf(await fixture('broken/truncated.jpg'), [{ resize: huge }])).toMatch(
      /^TOO_MANY_PIXELS/,
    )
  })

  it('applies to the result of every operation', async () => {
    const ops: ImageOp[] = [{ resize: { width: 100, enlarge: true } }, { resize: 10 }]
    expect(await failureOf(await makePlain(40, 30), ops, { pixels: 7499 })).toMatchInlineSnapshot(
      `"TOO_MANY_PIXELS (decode): resize would make 100x75, more than the limit of 7499 pixels. If you trust the file, raise limits.pixels (--limit-pixels)."`,
    )
    expect((await make(await makePlain(40, 30), ops, { pixels: 7500 })).info.width).toBe(10)
  })

  it('applies after operations whose result has a size known only from pixels', async () => {
    const ops: ImageOp[] = [{ rotate: 10 }, { resize: { width: 200, height: 200, enlarge: true } }]
    expect(await failureOf(await makePlain(40, 30), ops, { pixels: 39_999 })).toMatch(
      /^TOO_MANY_PIXELS.*200x200/,
    )
    const vector = await fixture('photos/drawing.svg')
    expect(await failureOf(vector, [{ thumbnail: 99_999 }])).toMatch(/^TOO_MANY_PIXELS.*99999x74999/)
  })

  it("defaults to sharp's own", () => {
    expect(withDefaults()).toEqual({ pixels: 0x3fff ** 2, bytes: 2 ** 28, frames: 1000, seconds: 60 })
    expect(withDefaults({ frames: 3, pixels: undefined })).toMatchObject({ frames: 3, pixels: 0x3fff ** 2 })
  })
})
