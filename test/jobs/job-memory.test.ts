import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { openImage } from '../../src/image/open-image.js'
import { withDefaults } from '../../src/image/limits.js'
import { checkMemory, estimateMemory } from '../../src/jobs/job-memory.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'

const options = { limits: withDefaults(), failOn: 'error' } as const

async function open(format: 'jpeg' | 'png' | 'avif', more: object = {}) {
  const create = { width: 1000, height: 500, channels: 3, background: 'teal' } as const
  return openImage(await sharp({ create }).toFormat(format, more).toBuffer(), options)
}

function rendition(...ops: ImageOp[]) {
  return { preset: 'p', target: 't', recipe: 'r', ops }
}

const thumb = rendition({ thumbnail: 100 })

describe('estimateMemory', () => {
  it('is larger if the source is decoded at full size', async () => {
    const jpeg = await open('jpeg')
    expect(estimateMemory(jpeg, [thumb])).toBeLessThan(
      estimateMemory(await open('jpeg', { progressive: true }), [thumb]),
    )
    expect(estimateMemory(jpeg, [thumb])).toBeLessThan(estimateMemory(await open('avif'), [thumb]) / 10)
    expect(estimateMemory(jpeg, [thumb])).toBeLessThan(
      estimateMemory(jpeg, [rendition({ blur: 2 }, { thumbnail: 100 })]),
    )
  })

  it('grows with the size of the output, and is largest for AVIF', async () => {
    const image = await open('png')
    const web = rendition({ resize: 800 }, { format: 'webp' })
    const avif = rendition({ resize: 800 }, { format: 'avif' })
    expect(estimateMemory(image, [thumb])).toBeLessThan(estimateMemory(image, [web]))
    expect(estimateMemory(image, [web])).toBeLessThan(estimateMemory(image, [avif]))
    expect(estimateMemory(image, [thumb, avif, web])).toBe(estimateMemory(image, [avif]))
  })

  it('is 0 without renditions', async () => {
    expect(estimateMemory(await open('png'), [])).toBe(0)
  })
})

describe('checkMemory', () => {
  it('refuses an image that needs more memory than there is, as retryable, and says how much', () => {
    expect(() => checkMemory(2.7e9, 2.7e9)).not.toThrow()
    expect(() => checkMemory(2.7e9, 2e9)).toThrow(
      expect.objectContaining({ code: 'INPUT_TOO_LARGE', stage: 'decode', retryable: true }),
    )
    expect(() => checkMemory(2.7e9, 2e9)).toThrow('about 2.7 GB of memory, more than the 2.0 GB')
  })
})
