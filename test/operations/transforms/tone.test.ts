import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import {
  make,
  makePicture,
  makePixels,
  makePlain,
  pixelAt,
  pixelsOf,
  type Pixels,
} from '../../support/pictures.js'

/** Returns a colour after an operation. */
async function colourAfter(colour: string, op: ImageOp): Promise<number[]> {
  const pixels = await makePixels(await makePlain(8, 8, colour), [op])
  return pixelAt(pixels, 4, 4).slice(0, 3)
}

/** Returns the darkest and lightest grey of a ramp from 80 to 160 after an operation. */
async function rangeAfter(op: ImageOp): Promise<[number, number]> {
  const ramp = Buffer.from(Array.from({ length: 81 * 40 }, (_, at) => 80 + (at % 81)))
  const source = await sharp(ramp, { raw: { width: 81, height: 40, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
  const pixels = await makePixels(source, [op])
  return [pixelAt(pixels, 1, 20)[0]!, pixelAt(pixels, 79, 20)[0]!]
}

describe('negate', () => {
  it('inverts colours and keeps alpha', async () => {
    expect(await colourAfter('#ff8000', { negate: true })).toEqual([0, 127, 255])
    const source = await makePicture('rgba')
    const twice = await makePixels(source, [{ negate: true }, { negate: true }])
    expect(twice.data).toEqual((await pixelsOf(source)).data)
    const alphasOf = ({ data }: Pixels) => data.filter((_, at) => at % 4 === 3)
    const once = await makePixels(source, [{ negate: true }])
    expect(alphasOf(once)).toEqual(alphasOf(twice))
  })
})

describe('normalize', () => {
  it('stretches low contrast to the full range', async () => {
    const [dark, light] = await rangeAfter({ normalize: true })
    expect([dark < 8, light > 247]).toEqual([true, true])
  })

  it('stretches between the given percentiles', async () => {
    const [, light] = await rangeAfter({ normalize: { lower: 0, upper: 50 } })
    const [dark] = await rangeAfter({ normalize: { lower: 50, upper: 100 } })
    expect([light, dark]).toEqual([255, 0])
  })
})

describe('modulate', () => {
  it('removes colours with saturation 0', async () => {
    const [red, green, blue] = await colourAfter('#c04040', { modulate: { saturation: 0 } })
    expect(Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!)).toBeLessThan(4)
  })

  it('changes brightness and lightness', async () => {
    const [plain] = [0x80]
    expect((await colourAfter('#808080', { modulate: { brightness: 1.5 } }))[0]).toBeGreaterThan(plain + 40)
    expect((await colourAfter('#808080', { modulate: { brightness: 0.5 } }))[0]).toBeLessThan(plain - 40)
    expect((await colourAfter('#808080', { modulate: { lightness: 20 } }))[0]).toBeGreaterThan(plain + 30)
  })

  it('rotates the hue', async () => {
    const [red, green, blue] = await colourAfter('#e02020', { modulate: { hue: 120 } })
    expect(green).toBeGreaterThan(Math.max(red!, blue!))
    const around = await colourAfter('#e02020', { modulate: { hue: 360 } })
    for (const [at, value] of [0xe0, 0x20, 0x20].entries())
      expect(Math.abs(around[at]! - value)).toBeLessThan(4)
  })
})

describe('gamma', () => {
  it('brightens by the gamma curve and keeps black and white', async () => {
    const [middle] = await colourAfter('#404040', { gamma: 2 })
    expect(Math.abs(middle! - 255 * Math.sqrt(0x40 / 255))).toBeLessThan(2)
    expect(await colourAfter('black', { gamma: 2 })).toEqual([0, 0, 0])
    expect(await colourAfter('white', { gamma: 2 })).toEqual([255, 255, 255])
    expect(await colourAfter('#404040', { gamma: 1 })).toEqual([64, 64, 64])
  })
})

describe('contrast', () => {
  it('moves levels away from middle grey or towards it', async () => {
    expect(await colourAfter('#a08060', { contrast: 1.5 })).toEqual([176, 128, 80])
    expect(await colourAfter('#a08060', { contrast: 0 })).toEqual([128, 128, 128])
    expect(await colourAfter('#a08060', { contrast: 1 })).toEqual([160, 128, 96])
    expect(await colourAfter('#f01000', { contrast: 3 })).toEqual([255, 0, 0])
  })

  it('gives the same result with 16 bits', async () => {
    const source = await makePicture('deep')
    const [deep, shallow] = await Promise.all(
      [source, await sharp(source).toColourspace('srgb').png().toBuffer()].map((bytes) =>
        makePixels(bytes, [{ contrast: 1.4 }]),
      ),
    )
    const apart = deep!.data.map((value, at) => Math.abs(value - shallow!.data[at]!))
    expect(Math.max(...apart)).toBeLessThan(3)
  })
})

describe('threshold', () => {
  it('makes pixels below the level black and others white', async () => {
    expect(await colourAfter('#7f7f7f', { threshold: 128 })).toEqual([0, 0, 0])
    expect(await colourAfter('#808080', { threshold: 128 })).toEqual([255, 255, 255])
    expect(await colourAfter('#101010', { threshold: 10 })).toEqual([255, 255, 255])
    expect((await make(await makePicture('rgb'), [{ threshold: 128 }])).info.channels).toBe(1)
  })

  it('keeps alpha', async () => {
    const source = await makePicture('rgba')
    const alphaOf = (data: Float64Array) => data.filter((_, at) => at % 4 === 3)
    const { data } = await makePixels(source, [{ threshold: 128 }])
    expect(alphaOf(data)).toEqual(alphaOf((await pixelsOf(source)).data))
  })
})

describe('tint', () => {
  it('gives grey the hue and keeps lightness differences', async () => {
    const light = await colourAfter('#c0c0c0', { tint: 'ff8000' })
    const dark = await colourAfter('#404040', { tint: 'ff8000' })
    for (const [red, green, blue] of [light, dark]) {
      expect(red).toBeGreaterThan(green!)
      expect(green).toBeGreaterThan(blue!)
    }
    expect(light[1]! - dark[1]!).toBeGreaterThan(80)
  })
})

describe('clahe', () => {
  it('increases local contrast up to its slope', async () => {
    const flat = await sharp(await makePicture('grey'))
      .linear(0.2, 100)
      .toColourspace('b-w')
      .png()
      .toBuffer()
    const spread = async (ops: ImageOp[]) => {
      const { data } = await makePixels(flat, ops)
      const values = data.filter((_, at) => at % 4 === 0)
      return Math.max(...values) - Math.min(...values)
    }
    const [none, little, much] = [
      await spread([]),
      await spread([{ clahe: { width: 16, height: 16, maxSlope: 1 } }]),
      await spread([{ clahe: { width: 16, height: 16, maxSlope: 20 } }]),
    ]
    expect(much).toBeGreaterThan(2 * none)
    expect(much).toBeGreaterThan(little)
  })

  it('works after a border without pixels', async () => {
    const source = await sharp(await makePicture('rgb', 40, 40))
      .jpeg()
      .toBuffer()
    const [fitted, plain] = await Promise.all(
      (['contain', 'fill'] as const).map(async (fit) =>
        makePixels(source, [{ resize: { width: 20, height: 20, fit } }, { clahe: 8 }]),
      ),
    )
    expect(fitted!.data).toEqual(plain!.data)
  })

  it('rejects a region larger than the picture', async () => {
    await expect(make(await makePlain(4, 40), [{ clahe: 5 }])).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      message: 'clahe: a region of 5x5 is larger than the picture, which is 4x40 here.',
    })
  })
})
