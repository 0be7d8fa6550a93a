import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  makePicture,
  makePixels,
  makeQuarters,
  pixelAt,
  pixelsOf,
  type Kind,
} from '../../support/pictures.js'

describe.each<Kind>(['rgb', 'rgba', 'grey', 'deep'])('pad with the picture itself, on %s', (kind) => {
  it.each(['blur', 'average'] as const)(
    'with fill %s has the exact size, and the picture unchanged in it',
    async (fill) => {
      const source = await makePicture(kind, 96, 64)
      const before = await pixelsOf(source)
      const made = await makePixels(source, [{ pad: { top: 5, right: 30, bottom: 0, left: 10, fill } }])
      expect([made.width, made.height]).toEqual([136, 69])
      const cut = { width: 96, height: 64, data: new Float64Array(96 * 64 * 4) }
      for (let y = 0; y < 64; y++)
        cut.data.set(made.data.subarray(4 * ((y + 5) * 136 + 10), 4 * ((y + 5) * 136 + 106)), 4 * 96 * y)
      // Pixels with alpha mix with the padding below them: only opaque ones stay.
      const opaque = before.data.filter((value, at) => at % 4 === 3 && value === 255).length
      const changed = before.data.filter((value, at) => {
        const isOpaque = before.data[at - (at % 4) + 3] === 255
        return isOpaque && Math.abs(value - cut.data[at]!) > 1
      })
      expect(opaque).toBeGreaterThan(0)
      expect(changed).toHaveLength(0)
    },
  )

  it('averages the picture by arithmetic, weighted by alpha', async () => {
    const source = await makePicture(kind, 96, 64)
    const { data } = await pixelsOf(source)
    const made = await makePixels(source, [{ pad: { left: 4, fill: 'average' } }])
    const sums = [0, 0, 0, 0]
    for (let at = 0; at < data.length; at += 4) {
      const alpha = data[at + 3]! / 255
      for (let c = 0; c < 3; c++) sums[c]! += data[at + c]! * alpha
      sums[3]! += alpha
    }
    const expected = sums.map((sum, c) => (c === 3 ? (sum / (96 * 64)) * 255 : sum / sums[3]!))
    for (const [c, value] of pixelAt(made, 1, 40).entries())
      expect(Math.abs(value - expected[c]!)).toBeLessThan(2)
  })
})

describe('pad with fill blur', () => {
  it('shows the colours near each side, without detail', async () => {
    const made = await makePixels(await makeQuarters(60, 60), [
      { pad: { left: 60, right: 60, fill: 'blur' } },
    ])
    const [left, right] = [pixelAt(made, 2, 6), pixelAt(made, 177, 6)]
    expect(left[0]! - left[1]!).toBeGreaterThan(100) // red
    expect(right[1]! - right[0]!).toBeGreaterThan(60) // green
    const step = Math.max(
      ...[0, 1, 2].map((c) => Math.abs(pixelAt(made, 20, 30)[c]! - pixelAt(made, 20, 31)[c]!)),
    )
    expect(step).toBeLessThan(12)
  })

  it('pads each frame of an animation', async () => {
    const source = await sharp('fixtures/photos/animated.gif', { animated: true }).toBuffer()
    const { width, pageHeight = 0, pages } = await sharp(source, { animated: true }).metadata()
    const { transform } = await import('../../../src/index.js')
    const { info } = await transform(source, [{ pad: { left: 10, fill: 'blur' } }, { format: 'webp' }])
    expect(info).toMatchObject({ width: width + 10, height: pageHeight, pages })
  })
})
