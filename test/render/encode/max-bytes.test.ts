import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { renderRendition } from '../../../src/render/render-rendition.js'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { open } from '../../support/pictures.js'

const fixture = (name: string) => readFile(new URL(`../../../fixtures/photos/${name}`, import.meta.url))
const ready: ImageOp[] = [{ thumbnail: 300 }]

describe('maxBytes', () => {
  it.each(['jpeg', 'webp', 'avif'] as const)('uses the highest quality of %s that fits', async (type) => {
    const image = await open(await fixture('landscape.jpg'))
    const { data, info } = await renderRendition(image, [...ready, { format: { type, maxBytes: '6KB' } }])
    expect(data.length).toBeLessThanOrEqual(6000)
    expect(info.quality).toBeGreaterThan(1)
    const { data: same } = await renderRendition(image, [
      ...ready,
      { format: { type, quality: info.quality } },
    ])
    expect(same.length).toBe(data.length)
    const { data: next } = await renderRendition(image, [
      ...ready,
      { format: { type, quality: info.quality! + 1 } },
    ])
    expect(next.length).toBeGreaterThan(6000)
  })

  it('uses at most the given quality', async () => {
    const image = await open(await fixture('landscape.jpg'))
    const format = { type: 'webp', maxBytes: '1MB', quality: 60 } as const
    const { data, info } = await renderRendition(image, [...ready, { format }])
    const { data: plain } = await renderRendition(image, [
      ...ready,
      { format: { type: 'webp', quality: 60 } },
    ])
    expect([info.quality, data.length]).toEqual([60, plain.length])
  })

  it('limits animations', async () => {
    const image = await open(await fixture('animated.webp'))
    const { data, info } = await renderRendition(image, [{ format: { type: 'webp', maxBytes: 4000 } }])
    expect(data.length).toBeLessThanOrEqual(4000)
    expect(info.pages).toBe(6)
  })

  it('reports the smallest size reached if nothing fits', async () => {
    const image = await open(await fixture('landscape.jpg'))
    await expect(
      renderRendition(image, [...ready, { format: { type: 'jpeg', maxBytes: 100 } }]),
    ).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
      message: expect.stringMatching(
        /^format: maxBytes: 100 bytes cannot be reached: the smallest is \d+ bytes, at quality 1\./,
      ),
    })
  })
})

describe('neverGrow', () => {
  it('keeps the source if encoding alone would make it larger', async () => {
    const bytes = (
      await renderRendition(await open(await fixture('grey.jpg')), [{ format: 'jpeg:quality=30' }])
    ).data
    const image = await open(bytes)
    const { data: larger } = await renderRendition(image, [{ format: 'jpeg:quality=95' }])
    const { data: kept } = await renderRendition(image, [{ format: 'jpeg:quality=95:neverGrow=true' }])
    expect(larger.length).toBeGreaterThan(bytes.length)
    expect(kept.equals(bytes)).toBe(true)
  })

  it('does not keep the source if an operation changes it or metadata must be stripped', async () => {
    const bytes = (
      await renderRendition(await open(await fixture('grey.jpg')), [{ format: 'jpeg:quality=30' }])
    ).data
    const { data: flipped } = await renderRendition(await open(bytes), [
      { flip: true },
      { format: 'jpeg:quality=95:neverGrow=true' },
    ])
    expect(flipped.length).toBeGreaterThan(bytes.length)
    const tagged = await open(await fixture('landscape.jpg'))
    const { data: stripped } = await renderRendition(tagged, [{ format: 'jpeg:quality=100:neverGrow=true' }])
    expect(stripped.length).toBeGreaterThan(tagged.bytes.length)
    expect((await open(stripped)).metadata.exif).toBeUndefined()
  })
})
