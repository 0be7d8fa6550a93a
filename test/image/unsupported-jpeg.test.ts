import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { findUnsupportedJpeg } from '../../src/image/unsupported-jpeg.js'
import { transform } from '../../src/transform.js'
import { jpegs } from '../../torture/grammar/jpeg.js'

describe('JPEG of a kind that the decoder lacks', () => {
  const files = [...jpegs()]

  it('is recognised by its header, and no other', async () => {
    for (const { name, bytes, expected } of files)
      expect(findUnsupportedJpeg(bytes) === undefined, name).toBe(expected === 'picture')
  })

  it('is one that sharp fails on', async () => {
    for (const { name, bytes, expected } of files) {
      if (expected === 'picture') continue
      await expect(sharp(bytes, { failOn: 'none' }).raw().toBuffer(), name).rejects.toThrow(/VipsJpeg/)
    }
  })

  it.each([
    ['12 bits, frame c1', 'has 12 bits a sample'],
    ['12 bits, frame c2', 'has 12 bits a sample'],
    ['DNL marker', 'gives its height behind the picture (DNL marker)'],
    ['frame c5', 'is hierarchical'],
    ['frame cb', 'is lossless with arithmetic coding'],
    ['frame f7', 'is JPEG-LS'],
    ['sampling 3x1 and 2x1', 'has chroma subsampling by a fraction'],
  ])('fails as UNSUPPORTED_FORMAT with its reason at every failOn: %s', async (kind, reason) => {
    const { bytes } = files.find(({ name }) => name === kind)!
    for (const failOn of ['none', 'error', 'warning'] as const) {
      await expect(transform(bytes, [{ format: 'png' }], { failOn })).rejects.toMatchObject({
        code: 'UNSUPPORTED_FORMAT',
        message: `The JPEG ${reason}, which is not supported. Convert it to a baseline JPEG or a PNG of 8 or 16 bits.`,
      })
    }
  })
})
