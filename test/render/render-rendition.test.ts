import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { pictureAfter } from '../../src/render/render-rendition.js'
import type { ImageOp, OpInputs } from '../../src/operations/image-op.generated.js'
import {
  colourAt,
  difference,
  fixture,
  make,
  makePicture,
  makePlain,
  open,
  pixelsOf,
} from '../support/pictures.js'

const FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const

describe('output format', () => {
  it.each([
    ['photos/landscape.jpg', 'jpeg', 'image/jpeg'],
    ['photos/flat-art.png', 'png', 'image/png'],
    ['photos/portrait.webp', 'webp', 'image/webp'],
    ['photos/animated.gif', 'gif', 'image/gif'],
    ['photos/photo.avif', 'avif', 'image/avif'],
    ['photos/scan.tiff', 'jpeg', 'image/jpeg'],
    ['photos/drawing.svg', 'png', 'image/png'],
    ['odd/lying.jpg', 'png', 'image/png'],
    ['odd/no-extension', 'jpeg', 'image/jpeg'],
  ])('for %s defaults to %s', async (file, format, mime) => {
    const { data, info } = await make(await fixture(file), [{ thumbnail: 50 }])
    expect(info).toMatchObject({ format, mime })
    expect((await sharp(data).metadata()).mediaType).toBe(mime)
  })

  it('for a TIFF with alpha defaults to PNG, or JPEG if it is flattened', async () => {
    const tiff = await sharp(await fixture('photos/alpha.png'))
      .tiff({ compression: 'lzw' })
      .toBuffer()
    const formatAfter = async (ops: ImageOp[]) => (await make(tiff, ops)).info.format
    expect(await formatAfter([])).toBe('png')
    expect(await formatAfter([{ flatten: true }])).toBe('jpeg')
  })

  it('for a TIFF that gets transparent corners defaults to PNG', async () => {
    expect(
      (await make(await fixture('photos/scan.tiff'), [{ resize: 50 }, { rotate: 10 }])).info.format,
    ).toBe('png')
  })

  it.each(FORMATS)('is %s if asked for', async (type) => {
    const { data, info } = await make(await fixture('photos/alpha.png'), [
      { thumbnail: 40 },
      { format: type },
    ])
    expect(info.format).toBe(type)
    expect((await sharp(data).metadata()).mediaType).toBe(info.mime)
  })
})

describe('info', () => {
  const photos = [
    'landscape.jpg',
    'grey.jpg',
    'alpha.png',
    'deep.png',
    'animated.gif',
    'animated.webp',
    'drawing.svg',
  ]
  const lists: ImageOp[][] = [
    [],
    [{ thumbnail: 33 }],
    // After these, sharp reports a wrong size.
    [{ resize: 60 }, { crop: '31x17@3x5' }, { rotate: 90 }, { blur: 1 }, { rotate: 20 }],
  ]
  it.each(photos)('equals the metadata that sharp reads from the output for %s', async (file) => {
    const source = await fixture(`photos/${file}`)
    for (const ops of lists) {
      const { data, info } = await make(source, ops)
      const { width, height, pageHeight, pages = 1, channels, hasAlpha } = await sharp(data).metadata()
      const read = { width, height: pageHeight ?? height, channels, hasAlpha, bytes: data.length }
      expect(info).toMatchObject(pages > 1 ? { ...read, pages } : read)
      expect('pages' in info).toBe(pages > 1)
    }
  })

  it('has the size that pictureAfter predicts', async () => {
    const image = await open(await fixture('photos/orientation/Landscape_6.jpg'))
    expect(pictureAfter(image, [])).toMatchObject({ width: 240, height: 160 })
    expect(pictureAfter(image, [{ resize: '50%' }, { rotate: 90 }])).toMatchObject({ width: 80, height: 120 })
    expect(pictureAfter(image, [{ rotate: 45 }, { resize: 50 }])).toBeUndefined()
    expect(pictureAfter(image, [{ autoOrient: false }])).toMatchObject({ width: 160, height: 240 })
  })
})

describe('alpha', () => {
  it('becomes white in a format without alpha', async () => {
    const transparent = await makePlain(8, 8, 'transparent')
    for (const format of ['jpeg', { type: 'jpeg', quality: 90 }] as const) {
      const { data, info } = await make(transparent, [{ format }])
      expect([info.hasAlpha, colourAt(await pixelsOf(data), 4, 4)]).toEqual([false, 'white'])
    }
  })

  it.each(['png', 'webp', 'avif', 'tiff', 'gif'] as const)(
    'is kept in %s through several passes',
    async (format) => {
      const { data, info } = await make(await fixture('photos/alpha.png'), [
        { blur: 1 },
        { resize: 60 },
        { blur: 1 },
        { format },
      ])
      expect(info.hasAlpha).toBe(true)
      const pixels = await pixelsOf(data)
      expect([colourAt(pixels, 0, 0), Math.round(pixels.data[(30 * 60 + 30) * 4 + 3]!)]).toEqual([
        'transparent',
        255,
      ])
    },
  )
})

describe('shrink-on-load', () => {
  it.each([
    ['photos/landscape.jpg', 100],
    ['photos/progressive.jpg', 60],
    ['photos/portrait.webp', 80],
  ])('gives almost the pixels of a full decode for %s', async (file, thumbnail) => {
    const source = await fixture(file)
    const full = await sharp(source).png().toBuffer()
    const [fast, slow] = await Promise.all(
      [source, full].map(async (bytes) =>
        pixelsOf((await make(bytes, [{ thumbnail }, { format: 'png' }])).data),
      ),
    )
    expect(difference(fast!, slow!).mean).toBeLessThan(3.5)
  })
})

describe('the eight EXIF orientations', () => {
  const lists: [name: string, ops: ImageOp[]][] = [
    ['nothing', []],
    ['thumbnail', [{ thumbnail: 60 }]],
    ['crop', [{ crop: '100x80@20x10' }]],
    ['crop, then resize', [{ crop: { aspect: '1:1', position: 'left' } }, { resize: 50 }]],
    ['rotate', [{ rotate: 90 }]],
    ['rotate, then thumbnail', [{ rotate: 90 }, { thumbnail: 60 }]],
    ['rotate by 30 degrees', [{ rotate: 30 }, { resize: 80 }]],
    ['flip', [{ flip: true }, { rotate: -90 }]],
    ['flop', [{ flop: true }, { crop: '100x80@20x10' }]],
  ]
  it.each(lists)('give the same picture after %s', async (_, ops) => {
    const render = async (tag: number) => {
      const source = await fixture(`photos/orientation/Landscape_${tag}.jpg`)
      const { data } = await make(source, [...ops, { format: 'png' }])
      expect((await sharp(data).metadata()).orientation).toBeUndefined()
      return pixelsOf(data)
    }
    const upright = await render(1)
    for (const tag of [2, 3, 4, 5, 6, 7, 8]) {
      expect(difference(await render(tag), upright).mean, `orientation ${tag}`).toBeLessThan(1)
    }
  })

  it.each([1, 3, 6, 8])('keep pixels and orientation tag %i with autoOrient: false', async (tag) => {
    const source = await fixture(`photos/orientation/Landscape_${tag}.jpg`)
    const raw = sharp(source, { autoOrient: false })
    for (const ops of [[], [{ resize: 120 }, { resize: 60 }]] satisfies ImageOp[][]) {
      const { data } = await make(source, [...ops, { autoOrient: false }, { format: 'png' }])
      // A missing tag means 1.
      expect((await sharp(data).metadata()).orientation ?? 1).toBe(tag)
      const { width } = await sharp(data).metadata()
      const stored = await raw.clone().resize(width).png().toBuffer()
      expect(difference(await pixelsOf(data), await pixelsOf(stored)).mean).toBeLessThan(2)
    }
  })
})

describe('operations that change nothing', () => {
  it.each<OpInputs['resize']>([200, 'x100', '100%', '96x64'])(
    'leave every pixel unchanged: resize %s',
    async (resize) => {
      const source = await makePicture('rgba')
      const { data } = await make(source, [{ resize }, { rotate: 360 }, { thumbnail: 1000 }])
      expect((await pixelsOf(data)).data).toEqual((await pixelsOf(source)).data)
    },
  )
})
