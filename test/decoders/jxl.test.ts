import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { openImage } from '../../src/image/open-image.js'
import { withDefaults } from '../../src/image/limits.js'
import type { FailOn, Limits } from '../../src/image/types.js'
import { decoders } from '../../src/decoders/index.js'
import { createJxlDecoder } from '../../src/decoders/jxl.js'
import { createJxlCodec } from '../../src/jxl/codec.js'
import { jxlCodec } from '../../src/jxl/shared-codec.js'
import { addJxlMetadata } from '../../src/jxl/container.js'
import { transform } from '../../src/transform.js'

const fixture = (name: string) => readFile(new URL(`../../fixtures/${name}`, import.meta.url))
const rgb = (file: Uint8Array) => sharp(file).toColourspace('srgb').removeAlpha().raw().toBuffer()

const open = (file: Uint8Array, limits: Partial<Limits> = {}, failOn: FailOn = 'error') =>
  openImage(file, { limits: withDefaults(limits), failOn, decoders })

describe('the decoder of JPEG XL', () => {
  let photo: Buffer
  let animated: Buffer
  beforeAll(async () => {
    photo = await fixture('jxl/photo.jxl')
    animated = await fixture('jxl/animated.jxl')
  })

  it('decodes a transcoded JPEG to the pixels of that JPEG, within 3 levels', async () => {
    const image = await open(photo)
    expect(image).toMatchObject({ format: 'jxl', metadata: { width: 800, height: 600, hasAlpha: false } })
    const [actual, expected] = await Promise.all([
      rgb(image.bytes),
      fixture('photos/landscape.jpg').then(rgb),
    ])
    expect(actual.length).toBe(expected.length)
    // Decoders of JPEG round, and enlarge colours, in their own ways.
    const mean = actual.reduce((sum, value, at) => sum + Math.abs(value - expected[at]!), 0) / actual.length
    expect(mean).toBeLessThan(1)
  })

  it('reads EXIF, and says that the pixels are upright', async () => {
    const { metadata } = await open(photo)
    expect(metadata.exif?.toString('latin1')).toContain('II*')
    expect(metadata.orientation ?? 1).toBe(1)
  })

  it('keeps all frames of an animation, with their times', async () => {
    const { data, info } = await transform(animated, [{ format: { type: 'webp', lossless: true } }])
    expect(info).toMatchObject({ format: 'webp', width: 120, height: 90, pages: 6 })
    expect(await sharp(data).metadata()).toMatchObject({ delay: [100, 200, 300, 400, 500, 600], loop: 0 })
    const original = await fixture('photos/animated.gif')
    const [actual, expected] = await Promise.all(
      [data, original].map((file) => sharp(file, { animated: true }).ensureAlpha().raw().toBuffer()),
    )
    expect(actual!.equals(expected!)).toBe(true)
  })

  it('keeps its format by default', async () => {
    const { info } = await transform(animated, [{ resize: 60 }])
    expect(info).toMatchObject({ format: 'jxl', width: 60, pages: 6 })
  })

  it.each(['jpeg', 'png'] as const)('makes a still %s of the first frame', async (format) => {
    const { info } = await transform(animated, [{ format }])
    expect(info).toMatchObject({ format, width: 120, height: 90 })
  })

  it('keeps a profile of a wide gamut, or converts to sRGB', async () => {
    const source = await fixture('photos/display-p3.jpg')
    const { data } = await transform(source, [
      { format: { type: 'jxl', lossless: true } },
      { metadata: 'icc' },
    ])
    const kept = await transform(data, [{ format: 'png' }, { metadata: 'icc' }])
    const converted = await transform(data, [{ format: 'png' }])
    const plain = await transform(source, [{ format: 'png' }])
    expect((await sharp(kept.data).metadata()).icc?.length).toBeGreaterThan(0)
    expect((await sharp(converted.data).metadata()).icc).toBeUndefined()
    expect((await rgb(converted.data)).equals(await rgb(plain.data))).toBe(true)
  })

  it.each([0, 1, 2, 15, 40, 1000, 24_000])(
    'fails clearly for a photo cut off after %i bytes',
    async (length) => {
      await expect(open(photo.subarray(0, length))).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:CORRUPT_IMAGE|UNSUPPORTED_FORMAT)$/),
        stage: 'decode',
      })
    },
  )

  it('tells how much of a file with boxes is missing', async () => {
    await expect(open(photo.subarray(0, 20_000))).rejects.toThrow(
      'The JPEG XL is damaged: it ends too early, 4392 bytes are missing.',
    )
  })

  it.each([500, 5000, 30_000])(
    'fails clearly for a bare codestream cut off after %i bytes',
    async (length) => {
      await expect(open(animated.subarray(0, length))).rejects.toMatchObject({ code: 'CORRUPT_IMAGE' })
    },
  )

  it('refuses sizes beyond the limits before it decodes', async () => {
    await expect(open(photo, { pixels: 400_000 })).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
    await expect(open(animated, { frames: 5 })).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
    // A header that lies: 2^30 pixels on each side.
    const lying = Buffer.from([0xff, 0x0a, 0xfe, 0xff, 0xff, 0xff, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
    await expect(open(lying)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:TOO_MANY_PIXELS|CORRUPT_IMAGE)$/),
    })
  })

  it('ignores the orientation of EXIF, which the codestream replaces', async () => {
    const exif = (await sharp(await fixture('photos/orientation/Landscape_6.jpg')).metadata()).exif!
    const turned = addJxlMetadata(Buffer.from(animated), { exif: exif.subarray(6) })
    const { info } = await transform(turned, [{ format: 'png' }])
    expect(info).toMatchObject({ width: 120, height: 90 })
  })

  it('names the package to install if it is missing', async () => {
    const missing = createJxlDecoder(createJxlCodec({ module: 'wasm-vips-missing' }))
    const options = { limits: withDefaults({}), failOn: 'error', decoders: [missing] } as const
    await expect(openImage(photo, options)).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      message: expect.stringContaining('npm install wasm-vips-missing'),
    })
  })

  it('decodes 16 bits, and grey with its profile', async () => {
    const grey = { width: 2, height: 1, channels: 1, data: Uint16Array.of(1000, 50_001) } as const
    const file = await jxlCodec.encode(grey, { lossless: true }, { seconds: 60 })
    const image = await open(file)
    expect(image.metadata).toMatchObject({ depth: 'ushort', space: 'grey16', channels: 1 })
    const pixels = await sharp(image.bytes).toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer()
    expect([...new Uint16Array(pixels.buffer, pixels.byteOffset, 2)]).toEqual([1000, 50_001])
  })
})
