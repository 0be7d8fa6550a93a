import { describe, expect, it } from 'vitest'
import { pictureAfter } from '../../../src/render/render-rendition.js'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { makePixels, makeSize, open, pixelAt } from '../../support/pictures.js'
import { makePlain } from '../../support/pictures.js'

/** Returns an SVG, white on the left and black on the right. `extra` can add elements that are rendered in a separate process. */
const half = (size = 'width="24" height="18"', extra = '') =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 24 18">${extra}<path fill="#fff" d="M0 0h12v18H0z"/><path d="M12 0h12v18H12z"/></svg>`,
  )

/** Returns the number of pixels of the middle row that are neither black nor white. */
async function softness(bytes: Buffer, ops: readonly ImageOp[]): Promise<number> {
  const pixels = await makePixels(bytes, ops)
  const row = Math.floor(pixels.height / 2)
  return Array.from({ length: pixels.width }, (_, x) => pixelAt(pixels, x, row)[0]!).filter(
    (value) => value > 8 && value < 247,
  ).length
}

describe('density', () => {
  it('sets the size of an SVG before other operations; 72 by default', async () => {
    const icon = half()
    expect(await makeSize(icon, [])).toBe('24x18')
    expect(await makeSize(icon, [{ density: 72 }])).toBe('24x18')
    expect(await makeSize(icon, [{ density: 300 }])).toBe('100x75')
    expect(await makeSize(icon, [{ density: { dpi: 36 } }])).toBe('12x9')
    expect(await makeSize(icon, [{ resize: '50%' }, { density: 144 }])).toBe('24x18')
    expect(await makeSize(icon, [{ crop: '20x20@0x0' }, { density: 144 }])).toBe('20x20')
  })

  it('gives millimetres and inches their physical size', async () => {
    expect(await makeSize(half('width="1in" height="0.75in"'), [{ density: 300 }])).toBe('300x225')
    expect(await makeSize(half('width="254mm" height="190.5mm"'), [{ density: 100 }])).toBe('1000x750')
  })

  it('draws sharp edges at a high density', async () => {
    expect(await softness(half(), [{ density: 1200 }])).toBe(0)
    expect(await softness(half(undefined, '<style/>'), [{ density: 1200 }])).toBe(0)
  })

  it('predicts the size without drawing', async () => {
    const image = await open(half())
    expect(pictureAfter(image, [{ density: 144 }])).toMatchObject({ width: 48, height: 36 })
    expect(pictureAfter(image, [{ density: 144 }, { resize: '200%' }])).toMatchObject({
      width: 96,
      height: 72,
    })
  })

  it('does not change raster images', async () => {
    expect(await makeSize(await makePlain(30, 20), [{ density: 300 }])).toBe('30x20')
  })

  it('rejects drawings above the pixel limit', async () => {
    const image = half('width="2400" height="1800"')
    await expect(makeSize(image, [{ density: 2400 }])).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
  })

  it.each([0, 2401, 'high'])('rejects the value %s', async (density) => {
    const ops = [{ density }] as unknown as ImageOp[] // as from JavaScript
    await expect(makeSize(half(), ops)).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      message: expect.stringContaining('from 1 to 2400'),
    })
  })
})

describe('enlarged SVG', () => {
  const large: [string, ImageOp[]][] = [
    ['thumbnail', [{ thumbnail: 400 }]],
    ['resize', [{ resize: 400 }]],
    ['resize to both sides', [{ resize: { width: 400, height: 250, fit: 'fill' } }]],
    ['thumbnail with cover', [{ thumbnail: { width: 350, height: 350, fit: 'cover' } }]],
    ['resize with contain', [{ resize: { width: 400, height: 400, fit: 'contain', background: 'white' } }]],
    ['resize in per cent', [{ resize: '1600%' }]],
    ['flipped', [{ flip: true }, { thumbnail: 400 }]],
    ['rotated by 180', [{ rotate: 180 }, { resize: 400 }]],
    ['rotated there and back', [{ rotate: 90 }, { rotate: 270 }, { thumbnail: 400 }]],
    ['negated', [{ negate: true }, { thumbnail: 400 }]],
    ['grey and negated', [{ grayscale: true }, { negate: true }, { flop: true }, { thumbnail: 400 }]],
    ['after an operation without effect', [{ thumbnail: '24x18' }, { thumbnail: 400 }]],
    ['enlarged, then shrunk', [{ thumbnail: 801 }, { thumbnail: 400 }]],
    ['with a density', [{ density: 10 }, { thumbnail: 400 }]],
  ]

  it.each(large)('has sharp edges: %s', async (name, ops) => {
    const pixels = await makePixels(half(), ops)
    expect(Math.max(pixels.width, pixels.height), name).toBeGreaterThan(330)
    // Two pixels if the edge falls between pixels. A scaled bitmap would have more than 15.
    expect(await softness(half(), ops)).toBeLessThanOrEqual(name === 'enlarged, then shrunk' ? 6 : 2)
    expect(await softness(half(undefined, '<style/>'), ops)).toBeLessThanOrEqual(
      name === 'enlarged, then shrunk' ? 6 : 2,
    )
  })

  it('is rotated like a small one', async () => {
    const tall = await makePixels(half(), [{ rotate: 90 }, { thumbnail: 400 }])
    expect([tall.width, tall.height]).toEqual([300, 400])
    const reds = [50, 195, 205, 350].map((y) => pixelAt(tall, 150, y)[0])
    expect(reds).toEqual([255, 255, 0, 0])
  })

  it('is not redrawn after operations that depend on pixel distances', async () => {
    expect(await makeSize(half(), [{ blur: 1 }, { thumbnail: 400 }])).toBe('24x18')
    expect(await makeSize(half(), [{ pad: 3 }, { thumbnail: 400 }])).toBe('30x24')
    expect(await makeSize(half(), [{ trim: true }, { thumbnail: 400 }])).toMatch(/^\d\dx18$/)
  })

  it('has the predicted size', async () => {
    const image = await open(half())
    for (const [name, ops] of large) {
      const { width, height } = pictureAfter(image, ops) ?? {}
      expect(await makeSize(half(), ops), name).toBe(`${width}x${height}`)
    }
  })
})
