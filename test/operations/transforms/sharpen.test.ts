import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { OpInputs } from '../../../src/operations/image-op.generated.js'
import { makePixels, makePlain, pixelAt } from '../../support/pictures.js'

/** Returns a picture of dark grey next to light grey. */
async function makeEdge(): Promise<Buffer> {
  return sharp(await makePlain(40, 20, '#606060'))
    .composite([{ input: await makePlain(20, 20, '#a0a0a0'), left: 20, top: 0 }])
    .png()
    .toBuffer()
}

/** Returns the grey levels far from the edge and next to it, on both sides. */
async function levels(sharpen: OpInputs['sharpen']): Promise<number[]> {
  const pixels = await makePixels(await makeEdge(), [{ sharpen }])
  return [2, 19, 20, 37].map((x) => pixelAt(pixels, x, 10)[0]!)
}

describe('sharpen', () => {
  it('increases the contrast of an edge and keeps flat areas', async () => {
    const [farDark, dark, light, farLight] = await levels(2)
    expect([farDark, farLight]).toEqual([0x60, 0xa0])
    expect(dark).toBeLessThan(0x60 - 3)
    expect(light).toBeGreaterThan(0xa0 + 3)
  })

  it('scales with its parameters', async () => {
    const none = await levels({ sigma: 2, m1: 0, m2: 0 })
    expect(none).toEqual([0x60, 0x60, 0xa0, 0xa0])
    const [, mild] = await levels({ sigma: 2, m2: 1 })
    const [, strong] = await levels({ sigma: 2, m2: 8 })
    expect(strong).toBeLessThan(mild!)
  })
})
