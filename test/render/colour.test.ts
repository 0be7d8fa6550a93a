import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import {
  difference,
  fixture,
  make,
  makePicture,
  pixelAt,
  pixelsOf,
  type Pixels,
} from '../support/pictures.js'

const onePass: ImageOp[] = [{ resize: 120 }]
const manyPasses: ImageOp[] = [{ resize: 240 }, { rotate: 180 }, { resize: 120 }, { rotate: 180 }]
const passes: [name: string, ops: ImageOp[]][] = [
  ['one pass', onePass],
  ['several passes', manyPasses],
]

/** Returns the samples of a picture at 120 px, without applying its profile. */
async function numbersOf(bytes: Uint8Array): Promise<Pixels> {
  return pixelsOf(await sharp(bytes, { ignoreIcc: true }).resize(120).png().toBuffer())
}

describe.each(passes)('colours of a Display P3 photo after %s', (_, ops) => {
  let p3: Buffer
  let icc: Buffer | undefined
  beforeAll(async () => {
    p3 = await fixture('photos/display-p3.jpg')
    icc = (await sharp(p3).metadata()).icc
  })

  it('are converted to sRGB, not only relabelled', async () => {
    const { data } = await make(p3, [...ops, { format: 'png' }])
    expect((await sharp(data).metadata()).icc).toBeUndefined()
    const converted = await pixelsOf(await sharp(p3).resize(120).toColourspace('srgb').png().toBuffer())
    const made = await pixelsOf(data)
    expect(difference(made, converted).mean).toBeLessThan(1.5)
    expect(difference(made, await numbersOf(p3)).mean).toBeGreaterThan(5)
  })

  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)(
    'stay unchanged in %s if the profile is kept',
    async (format) => {
      const { data } = await make(p3, [...ops, { metadata: 'icc' }, { format }])
      expect((await sharp(data).metadata()).icc?.equals(icc!)).toBe(true)
      expect(difference(await numbersOf(data), await numbersOf(p3)).mean).toBeLessThan(3.5)
    },
  )

  it('are converted to sRGB from 16 bits', async () => {
    const deep = await sharp(p3).keepIccProfile().toColourspace('rgb16').png().toBuffer()
    expect(await sharp(deep).metadata()).toMatchObject({ depth: 'ushort', hasProfile: true })
    const { data } = await make(deep, [...ops])
    expect(await sharp(data).metadata()).toMatchObject({ depth: 'ushort', hasProfile: false })
    const [made, shallow] = [
      await pixelsOf(data),
      await pixelsOf((await make(p3, [...ops, { format: 'png' }])).data),
    ]
    expect(difference(made, shallow).mean).toBeLessThan(3)
    expect(difference(made, await numbersOf(p3)).mean).toBeGreaterThan(5)
  })
})

describe.each(passes)('CMYK after %s', (_, ops) => {
  it('is converted to sRGB with the same result as sharp', async () => {
    const source = await fixture('photos/cmyk.jpg')
    const own = await sharp(source).resize(120).toColourspace('srgb').png().toBuffer()
    for (const format of ['jpeg:quality=100:chromaSubsampling=4:4:4', 'png', 'webp:lossless=true'] as const) {
      const { data } = await make(source, [...ops, { format }])
      expect((await sharp(data).metadata()).space).toBe('srgb')
      expect(difference(await pixelsOf(data), await pixelsOf(own)).mean, format).toBeLessThan(2)
    }
  })

  it.each(['jpeg', 'tiff'] as const)('stays CMYK in %s if its profile is kept', async (format) => {
    const source = await cmykWithProfile()
    const { icc } = await sharp(source).metadata()
    const { data } = await make(source, [...ops, { metadata: 'icc' }, { format }])
    const made = await sharp(data).metadata()
    expect([made.space, made.channels, made.icc?.equals(icc!)]).toEqual(['cmyk', 4, true])
    const seen = async (bytes: Buffer) =>
      pixelsOf(await sharp(bytes).resize(120).toColourspace('srgb').png().toBuffer())
    expect(difference(await seen(data), await seen(source)).mean).toBeLessThan(4)
  })

  it('is converted to sRGB and loses its profile if the format has no CMYK', async () => {
    const { data } = await make(await cmykWithProfile(), [...ops, { metadata: 'keep' }, { format: 'png' }])
    expect(await sharp(data).metadata()).toMatchObject({ space: 'srgb', hasProfile: false })
  })
})

describe('EXIF of a CMYK source', () => {
  const artistAfter = async (ops: ImageOp[]) => {
    const source = await sharp(await cmykWithProfile())
      .toColourspace('cmyk')
      .keepIccProfile()
      .withExif({ IFD0: { Artist: 'Ada Example' } })
      .jpeg()
      .toBuffer()
    const { data } = await make(source, [...ops, { metadata: 'keep' }])
    const { space, exif } = await sharp(data).metadata()
    return [space, exif?.includes('Ada Example') === true]
  }

  it('is kept together with its profile', async () => {
    expect(await artistAfter(onePass)).toEqual(['cmyk', true])
  })

  it('is kept through several passes', async () => {
    expect(await artistAfter(manyPasses)).toEqual(['cmyk', true])
  })
})

async function cmykWithProfile(): Promise<Buffer> {
  return sharp(await fixture('photos/landscape.jpg'))
    .resize(200)
    .toColourspace('cmyk')
    .withIccProfile('cmyk')
    .jpeg({ quality: 95 })
    .toBuffer()
}

describe.each(passes)('grey picture after %s', (_, ops) => {
  it('keeps one channel', async () => {
    for (const source of [await fixture('photos/grey.jpg'), await makePicture('grey', 160, 120)]) {
      expect((await make(source, [...ops])).info.channels).toBe(1)
    }
  })

  it('has three channels if the format has no grey', async () => {
    const { info } = await make(await fixture('photos/grey.jpg'), [...ops, { format: 'webp' }])
    expect(info.channels).toBe(3)
  })

  it('becomes RGB for a coloured background, but not for a white one', async () => {
    const grey = await makePicture('grey', 160, 120)
    const padded = async (background: string) =>
      make(grey, [...ops, { resize: { width: 200, height: 200, fit: 'contain', background } }])
    const { data, info } = await padded('ff0000')
    expect([info.channels, pixelAt(await pixelsOf(data), 0, 0)]).toEqual([3, [255, 0, 0, 255]])
    expect((await padded('white')).info.channels).toBe(1)
  })
})

describe.each(passes)('16 bits after %s', (_, ops) => {
  it.each(['png', 'tiff'] as const)('stay 16 bits in %s with all their levels', async (format) => {
    const { data } = await make(await fixture('photos/deep.png'), [...ops, { format }])
    expect((await sharp(data).metadata()).depth).toBe('ushort')
    const red = await sharp(data).toColourspace('rgb16').extractChannel(0).raw({ depth: 'ushort' }).toBuffer()
    const steps = new Set(Array.from({ length: red.length / 2 }, (__, at) => red.readUInt16LE(2 * at)))
    expect(steps.size).toBeGreaterThan(1000)
  })

  it('become 8 bits if the format stores no more', async () => {
    const source = await fixture('photos/deep.png')
    for (const format of ['jpeg', 'webp', { type: 'png', palette: true }] as const) {
      const { data } = await make(source, [...ops, { format }])
      expect((await sharp(data).metadata()).depth).toBe('uchar')
      const own = await sharp(source).resize(120).png().toBuffer()
      expect(difference(await pixelsOf(data), await pixelsOf(own)).mean).toBeLessThan(5)
    }
  })

  it('become 12 bits in AVIF', async () => {
    const { data } = await make(await fixture('photos/deep.png'), [...ops, { format: 'avif' }])
    expect(await sharp(data).metadata()).toMatchObject({ bitsPerSample: 12 })
  })
})
