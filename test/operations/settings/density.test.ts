import { describe, expect, it } from 'vitest'
import { pictureAfter } from '../../../src/render/render-rendition.js'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { makePixels, makeSize, open, pixelAt } from '../../support/pictures.js'
import { makePlain } from '../../support/pictures.js'

/** White left of the middle, black right of it; `wild` adds what has it drawn in a process of its own. */
const half = (size = 'width="24" height="18"', wild = '') =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 24 18">${wild}<path fill="#fff" d="M0 0h12v18H0z"/><path d="M12 0h12v18H12z"/></svg>`,
  )

/** Pixels of the middle row that are neither black nor white. */
async function softness(bytes: Buffer, ops: readonly ImageOp[]): Promise<number> {
  const pixels = await makePixels(bytes, ops)
  const row = Math.floor(pixels.height / 2)
  return Array.from({ length: pixels.width }, (_, x) => pixelAt(pixels, x, row)[0]!).filter(
    (value) => value > 8 && value < 247,
  ).length
}

describe('density', () => {
  it('is the size at which an SVG is met, 72 unless it is given', async () => {
    const icon = half()
    expect(await makeSize(icon, [])).toBe('24x18')
    expect(await makeSize(icon, [{ density: 72 }])).toBe('24x18')
    expect(await makeSize(icon, [{ density: 300 }])).toBe('100x75')
    expect(await makeSize(icon, [{ density: { dpi: 36 } }])).toBe('12x9')
    expect(await makeSize(icon, [{ resize: '50%' }, { density: 144 }])).toBe('24x18')
    expect(await makeSize(icon, [{ crop: '20x20@0x0' }, { density: 144 }])).toBe('20x20')
  })

  it('takes millimetres and inches at their word', async () => {
    expect(await makeSize(half('width="1in" height="0.75in"'), [{ density: 300 }])).toBe('300x225')
    expect(await makeSize(half('width="254mm" height="190.5mm"'), [{ density: 100 }])).toBe('1000x750')
  })

  it('draws crisply', async () => {
    expect(await softness(half(), [{ density: 1200 }])).toBe(0)
    expect(await softness(half(undefined, '<style/>'), [{ density: 1200 }])).toBe(0)
  })

  it('is known without drawing', async () => {
    const image = await open(half())
    expect(pictureAfter(image, [{ density: 144 }])).toMatchObject({ width: 48, height: 36 })
    expect(pictureAfter(image, [{ density: 144 }, { resize: '200%' }])).toMatchObject({
      width: 96,
      height: 72,
    })
  })

  it('leaves pictures alone that have pixels', async () => {
    expect(await makeSize(await makePlain(30, 20), [{ density: 300 }])).toBe('30x20')
  })

  it('counts against the limit of pixels', async () => {
    const image = half('width="2400" height="1800"')
    await expect(makeSize(image, [{ density: 2400 }])).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' })
  })

  it.each([0, 2401, 'high'])('refuses %s', async (density) => {
    const ops = [{ density }] as unknown as ImageOp[] // as JavaScript may pass it
    await expect(makeSize(half(), ops)).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      message: expect.stringContaining('from 1 to 2400'),
    })
  })
})

describe('an SVG that becomes larger', () => {
  const large: [string, ImageOp[]][] = [
    ['thumbnail', [{ thumbnail: 400 }]],
    ['resize', [{ resize: 400 }]],
    ['both sides', [{ resize: { width: 400, height: 250, fit: 'fill' } }]],
    ['cover', [{ thumbnail: { width: 350, height: 350, fit: 'cover' } }]],
    ['contain', [{ resize: { width: 400, height: 400, fit: 'contain', background: 'white' } }]],
    ['per cent', [{ resize: '1600%' }]],
    ['flipped', [{ flip: true }, { thumbnail: 400 }]],
    ['turned twice', [{ rotate: 180 }, { resize: 400 }]],
    ['turned there and back', [{ rotate: 90 }, { rotate: 270 }, { thumbnail: 400 }]],
    ['negated', [{ negate: true }, { thumbnail: 400 }]],
    ['in grey', [{ grayscale: true }, { negate: true }, { flop: true }, { thumbnail: 400 }]],
    ['after an idle operation', [{ thumbnail: '24x18' }, { thumbnail: 400 }]],
    ['then smaller', [{ thumbnail: 801 }, { thumbnail: 400 }]],
    ['at a density', [{ density: 10 }, { thumbnail: 400 }]],
  ]

  it.each(large)('has edges as sharp as at any size: %s', async (name, ops) => {
    const pixels = await makePixels(half(), ops)
    expect(Math.max(pixels.width, pixels.height), name).toBeGreaterThan(330)
    // Two pixels where the edge falls between pixels; scaled up it would be more than fifteen.
    expect(await softness(half(), ops)).toBeLessThanOrEqual(name === 'then smaller' ? 6 : 2)
    expect(await softness(half(undefined, '<style/>'), ops)).toBeLessThanOrEqual(
      name === 'then smaller' ? 6 : 2,
    )
  })

  it('is turned as it would be small', async () => {
    const tall = await makePixels(half(), [{ rotate: 90 }, { thumbnail: 400 }])
    expect([tall.width, tall.height]).toEqual([300, 400])
    const reds = [50, 195, 205, 350].map((y) => pixelAt(tall, 150, y)[0])
    expect(reds).toEqual([255, 255, 0, 0])
  })

  it('is a picture of pixels once an operation looked at distances', async () => {
    expect(await makeSize(half(), [{ blur: 1 }, { thumbnail: 400 }])).toBe('24x18')
    expect(await makeSize(half(), [{ pad: 3 }, { thumbnail: 400 }])).toBe('30x24')
    expect(await makeSize(half(), [{ trim: true }, { thumbnail: 400 }])).toMatch(/^\d\dx18$/)
  })

  it('has the size that was foretold', async () => {
    const image = await open(half())
    for (const [name, ops] of large) {
      const { width, height } = pictureAfter(image, ops) ?? {}
      expect(await makeSize(half(), ops), name).toBe(`${width}x${height}`)
    }
  })
})
