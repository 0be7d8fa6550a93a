import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { sharpness } from '../../../src/analyzers/builtin/sharpness.js'
import { fixture } from '../../support/pictures.js'
import { draw, find, plain } from '../find.js'

describe('sharpness', () => {
  it('falls with increasing blur', async () => {
    const bytes = await fixture('photos/landscape.jpg')
    const values = [await find(sharpness, bytes)]
    for (const sigma of [1, 3, 8]) values.push(await find(sharpness, sharp(bytes).blur(sigma)))
    expect(values).toEqual(values.toSorted((one, other) => other - one))
    expect(values[3]).toBeLessThan(values[0]! / 3)
  })

  it('is 0 for a single colour', async () => {
    expect(await find(sharpness, plain('#345'))).toBe(0)
  })

  it("equals sharp's sharpness for pictures up to 1024x1024", async () => {
    const bytes = await fixture('photos/progressive.jpg')
    expect(await find(sharpness, bytes)).toBeCloseTo((await sharp(bytes).stats()).sharpness, 2)
  })

  it('is measured at 1024x1024 for larger pictures', async () => {
    const lines = Array.from(
      { length: 32 },
      (_, index) => `<rect x="${index * 64}" width="32" height="1536"/>`,
    )
    const paper = '<rect width="2048" height="1536" fill="#fff"/>'
    const large = await draw(paper + lines.join(''), 2048, 1536)
      .png()
      .toBuffer()
    const view = await find(sharpness, sharp(large).resize(1024))
    expect(await find(sharpness, large)).toBeCloseTo(view, 2)
    expect((await sharp(large).stats()).sharpness).toBeLessThan(view - 1)
  })

  it('ignores edges hidden by transparency', async () => {
    const data = Uint8Array.from({ length: 60 * 60 * 4 }, (_, at) =>
      at % 4 === 3 ? 0 : Math.floor(at / 40) % 256,
    )
    const edges = await sharp(data, { raw: { width: 60, height: 60, channels: 4 } })
      .png()
      .toBuffer()
    expect((await sharp(edges).stats()).sharpness).toBeGreaterThan(1)
    expect(await find(sharpness, edges)).toBe(0)
  })
})
