import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { DEFAULT_SIMILARITY } from '../../../src/render/encode/auto-quality.js'
import { renderRendition } from '../../../src/render/render-rendition.js'
import { createSimilarityMeter } from '../../../src/render/encode/ssim.js'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { open } from '../../support/pictures.js'

const fixture = (name: string) => readFile(new URL(`../../../fixtures/photos/${name}`, import.meta.url))
const make = async (source: Uint8Array, ops: readonly ImageOp[]) => renderRendition(await open(source), ops)
const small: ImageOp = { thumbnail: 300 }

describe("quality: 'auto'", () => {
  it.each([
    { type: 'jpeg', mozjpeg: false, quantisationTable: 0 },
    { type: 'webp', effort: 4, preset: 'default' },
    { type: 'avif' },
  ] as const)('uses the lowest quality of $type that is similar enough', async (format) => {
    const photo = await fixture('landscape.jpg')
    const similarity = 0.99
    const { data, info } = await make(photo, [small, { format: { ...format, quality: 'auto', similarity } }])
    const { data: lossless } = await make(photo, [small, { format: 'png' }])
    const meter = await createSimilarityMeter(sharp(lossless))
    expect(info.similarity).toBeCloseTo(await meter(data), 3)
    expect(info.similarity).toBeGreaterThanOrEqual(similarity)
    const { quality = 0 } = info
    const { data: next } = await make(photo, [small, { format: { ...format, quality: quality - 1 } }])
    expect(await meter(next)).toBeLessThan(similarity)
  })

  it('reaches the documented similarity by default, and fewer bytes for a lower one', async () => {
    const photo = await fixture('landscape.jpg')
    const usual = await make(photo, [small, { format: 'jpeg:quality=auto' }])
    const less = await make(photo, [small, { format: 'jpeg:quality=auto:similarity=0.99' }])
    expect(usual.info.similarity).toBeGreaterThanOrEqual(DEFAULT_SIMILARITY)
    expect(less.info.similarity).toBeGreaterThanOrEqual(0.99)
    expect(less.data.length).toBeLessThan(usual.data.length)
  })

  it('uses at most quality 95, and reports its similarity', async () => {
    const { info } = await make(await fixture('landscape.jpg'), [
      small,
      { format: 'webp:quality=auto:similarity=1' },
    ])
    expect(info.quality).toBe(95)
    expect(info.similarity).toBeLessThan(1)
  })

  it('uses a lower quality for a smooth picture', async () => {
    const format: ImageOp = { format: 'jpeg:quality=auto:similarity=0.995' }
    const noisy = await make(await fixture('landscape.jpg'), [small, format])
    const smooth = await make(await fixture('landscape.jpg'), [small, { blur: 3 }, format])
    expect(smooth.info.quality).toBeLessThan(noisy.info.quality ?? 0)
  })

  it('yields to maxBytes, and reports the similarity', async () => {
    const photo = await fixture('landscape.jpg')
    const free = await make(photo, [small, { format: 'jpeg:quality=auto' }])
    const maxBytes = Math.floor(free.data.length / 2)
    const { data, info } = await make(photo, [small, { format: { type: 'jpeg', quality: 'auto', maxBytes } }])
    expect(data.length).toBeLessThanOrEqual(maxBytes)
    expect(info.similarity).toBeLessThan(free.info.similarity ?? 0)
  })

  it('supports animations and pictures with alpha', async () => {
    const animated = await make(await fixture('animated.gif'), [{ format: 'webp:quality=auto' }])
    expect(animated.info).toMatchObject({
      pages: 6,
      quality: expect.any(Number),
      similarity: expect.any(Number),
    })
    const { info } = await make(await fixture('alpha.png'), [{ format: 'webp:quality=auto' }])
    expect(info).toMatchObject({ hasAlpha: true, similarity: expect.any(Number) })
  })

  it('is rejected for formats without such a quality', async () => {
    const photo = await fixture('landscape.jpg')
    await expect(make(photo, [{ format: 'png:quality=auto' }])).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
    })
    const stray = make(photo, [{ format: 'webp:quality=80:similarity=0.99' }])
    await expect(stray).rejects.toThrow(/similarity: expected nothing without quality: 'auto'/)
  })
})

describe("format: 'auto'", () => {
  const smallest = async (source: Uint8Array, formats: readonly NonNullable<ImageOp['format']>[]) => {
    const made = await Promise.all(formats.map((format) => make(source, [small, { format }])))
    return Math.min(...made.map(({ data }) => data.length))
  }

  it('uses the smallest of the formats for photos', async () => {
    const photo = await fixture('landscape.jpg')
    const { data } = await make(photo, [small, { format: 'auto' }])
    expect(data.length).toBe(await smallest(photo, ['avif', 'webp', 'jpeg']))
  })

  it('keeps every pixel of flat art', async () => {
    const art = await fixture('flat-art.png')
    const { data, info } = await make(art, [{ format: 'auto' }])
    expect(['webp', 'png']).toContain(info.format)
    expect(info.bytes).toBeLessThanOrEqual(await smallest(art, ['png', 'webp:lossless=true']))
    const [before, after] = await Promise.all(
      [art, data].map((file) => sharp(file).removeAlpha().raw().toBuffer()),
    )
    expect(after!.equals(before!)).toBe(true)
  })

  it('keeps alpha', async () => {
    const { info } = await make(await fixture('alpha.png'), [{ format: 'auto' }])
    expect(info.hasAlpha).toBe(true)
    const png = await make(await fixture('alpha.png'), [{ format: 'auto:among=png,jpeg' }])
    expect(png.info).toMatchObject({ format: 'png', hasAlpha: true })
    const flat = await make(await fixture('alpha.png'), [{ format: 'auto:among=jpeg' }])
    expect(flat.info).toMatchObject({ format: 'jpeg', hasAlpha: false })
  })

  it('keeps an animation animated', async () => {
    const { info } = await make(await fixture('animated.gif'), [{ format: 'auto' }])
    expect(info.pages).toBe(6)
    const still = await make(await fixture('animated.gif'), [
      { format: { type: 'auto', among: ['jpeg', 'png'] } },
    ])
    expect(still.info.pages).toBeUndefined()
  })

  it('fits into maxBytes', async () => {
    const photo = await fixture('landscape.jpg')
    const { data, info } = await make(photo, [small, { format: 'auto:maxBytes=3KB' }])
    expect(data.length).toBeLessThanOrEqual(3000)
    expect(info.format).toMatch(/^(?:avif|webp|jpeg)$/)
    const impossible = make(await fixture('flat-art.png'), [{ format: 'auto:among=png:maxBytes=10' }])
    await expect(impossible).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
  })

  it('compares formats at the same similarity with quality: auto', async () => {
    const photo = await fixture('landscape.jpg')
    const { info } = await make(photo, [small, { format: 'auto:quality=auto:similarity=0.99' }])
    expect(info.similarity).toBeGreaterThanOrEqual(0.99)
  })
})
