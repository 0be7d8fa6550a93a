import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import type { FromSrgb } from '../../../src/operations/define-operation.js'
import { NOTHING } from '../../../src/metadata/keep.js'
import type { Picture } from '../../../src/picture.js'
import { nextPass } from '../../../src/render/passes/plan-passes.js'
import {
  colourspace,
  keepMetadata,
  openPixelSource,
  runPass,
  storePixels,
} from '../../../src/render/passes/run-pass.js'
import type { PassOptions, PixelSource } from '../../../src/render/passes/types.js'
import { withDefaults } from '../../../src/image/limits.js'
import { openImage } from '../../../src/image/open-image.js'
import { passOptions as options, pictureOf, planned } from '../../support/planned.js'

const row: PixelSource = {
  kind: 'raw',
  width: 2,
  height: 1,
  channels: 3,
  bytes: Buffer.from([255, 0, 0, 0, 0, 255]),
}

const open = (bytes: Buffer) => openImage(bytes, { limits: withDefaults(), failOn: 'error' })

/** Returns a source of 2x1, red and blue, with EXIF orientation 6. */
async function makeTurned(): Promise<PixelSource> {
  const bytes = await sharp(row.bytes, { raw: { width: 2, height: 1, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer()
  return { kind: 'source', image: await open(bytes), bytes }
}

/** Returns the size and samples of a pipeline. */
async function pixelsOf(image: Sharp): Promise<[size: string, samples: number[]]> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  return [`${info.width}x${info.height}x${info.channels}`, [...data]]
}

/** Returns an option that sharp has recorded. */
const optionOf = (image: Sharp, name: string): unknown =>
  Reflect.get(Reflect.get(image, 'options') as object, name)

describe('openPixelSource', () => {
  it('applies the EXIF orientation of a source if asked to', async () => {
    const source = await makeTurned()
    expect(await pixelsOf(openPixelSource(source, true))).toEqual(['1x2x3', [255, 0, 0, 0, 0, 255]])
    expect(await pixelsOf(openPixelSource(source, false))).toEqual(['2x1x3', [255, 0, 0, 0, 0, 255]])
  })

  it('does not turn stored pixels again', async () => {
    const { bytes } = await makeTurned()
    expect(await pixelsOf(openPixelSource({ kind: 'stored', bytes }, true))).toEqual([
      '2x1x3',
      [255, 0, 0, 0, 0, 255],
    ])
  })

  it('opens raw pixels', async () => {
    expect(await pixelsOf(openPixelSource(row, true))).toEqual(['2x1x3', [255, 0, 0, 0, 0, 255]])
  })

  it('limits the pixels of sources only', async () => {
    const limitOf = (source: PixelSource) => optionOf(openPixelSource(source, true), 'input')
    expect(limitOf(row)).toMatchObject({ limitInputPixels: 0 })
    expect(limitOf({ kind: 'stored', bytes: Buffer.alloc(1) })).toMatchObject({ limitInputPixels: 0 })
    expect(limitOf(await makeTurned())).toMatchObject({ limitInputPixels: 268_402_689, failOn: 'error' })
  })
})

describe('colourspace', () => {
  it.each([
    ['cmyk', 8, 'cmyk'],
    ['grey', 8, 'b-w'],
    ['grey', 16, 'grey16'],
    ['rgb', 8, 'srgb'],
    ['rgb', 16, 'rgb16'],
  ] as const)('names %s in %i bits %s', (space, depth, expected) => {
    expect(colourspace({ space, depth })).toBe(expected)
  })
})

describe('keepMetadata', () => {
  it('tells sharp to write the profile and XMP that are kept', () => {
    const kept = (change: Partial<PassOptions>) => {
      const image = keepMetadata(sharp(), { ...options, ...change })
      return [optionOf(image, 'keepMetadata'), optionOf(image, 'withXmp')]
    }
    const icc = 0b1000
    expect(kept({})).toEqual([0, ''])
    expect(kept({ keep: { ...NOTHING, icc: true } })).toEqual([icc, ''])
    expect(kept({ keep: { ...NOTHING, exif: true } })).toEqual([0, ''])
    expect(kept({ xmp: '<x/>' })).toEqual([0b10, '<x/>'])
  })
})

describe('runPass', () => {
  it('applies the steps in order, with sizes, reader and colours', async () => {
    const fromSrgb: FromSrgb = ([red, green, blue]) => [blue, green, red]
    const pass = nextPass(
      [planned('pad', '0x1x0x0:background=red'), planned('negate')],
      pictureOf({ width: 2, height: 1 }),
    )
    const image = await runPass(row, pass, { ...options, fromSrgb })
    expect(await pixelsOf(image)).toEqual(['3x1x3', [0, 255, 255, 255, 255, 0, 255, 255, 0]])
  })

  it('reads files through the options', async () => {
    const green = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#00ff00' } })
      .png()
      .toBuffer()
    const read = (ref: string) =>
      ref === 'dot.png' ? Promise.resolve(green) : Promise.reject(new Error(ref))
    const pass = nextPass([planned('watermark', 'dot.png:position=west')], pictureOf({ width: 2, height: 1 }))
    expect(await pixelsOf(await runPass(row, pass, { ...options, read }))).toEqual([
      '2x1x3',
      [0, 255, 0, 0, 0, 255],
    ])
  })

  it('has the time limit of the options', async () => {
    const pass = nextPass([], pictureOf({ width: 2, height: 1 }))
    expect(optionOf(await runPass(row, pass, { ...options, timeout: 7 }), 'timeoutSeconds')).toBe(7)
  })

  it.each<[string, Partial<Picture>, string | undefined]>([
    ['grey that gets a colour', { space: 'grey' }, 'srgb'],
    ['16-bit grey that gets a colour', { space: 'grey', depth: 16 }, 'rgb16'],
    ['CMYK', { space: 'cmyk' }, 'cmyk'],
    ['RGB', {}, undefined],
  ])('processes %s in its colour space', async (_, change, space) => {
    const pass = nextPass([planned('pad', '5:background=red')], pictureOf({ width: 2, height: 1, ...change }))
    const untouched = optionOf(sharp(), 'colourspacePipeline')
    expect(optionOf(await runPass(row, pass, options), 'colourspacePipeline')).toBe(space ?? untouched)
  })

  it('converts 16 bits with a profile to sRGB, unless the profile is kept', async () => {
    const bytes = await sharp(row.bytes, { raw: { width: 2, height: 1, channels: 3 } })
      .withIccProfile('p3')
      .png()
      .toBuffer()
    const source: PixelSource = { kind: 'source', image: await open(bytes), bytes }
    const profileOf = async (from: PixelSource, change: Partial<Picture>, icc: boolean) => {
      const pass = nextPass([], pictureOf({ width: 2, height: 1, ...change }))
      return optionOf(await runPass(from, pass, { ...options, keep: { ...NOTHING, icc } }), 'withIccProfile')
    }
    expect(await profileOf(source, { depth: 16 }, false)).toBe('srgb')
    expect(await profileOf(source, { depth: 16 }, true)).toBe('')
    expect(await profileOf(source, {}, false)).toBe('')
    expect(await profileOf(row, { depth: 16 }, false)).toBe('')
    const plain = await sharp(row.bytes, { raw: { width: 2, height: 1, channels: 3 } })
      .png()
      .toBuffer()
    const unprofiled: PixelSource = { kind: 'source', image: await open(plain), bytes: plain }
    expect(await profileOf(unprofiled, { depth: 16 }, false)).toBe('')
  })
})

describe('storePixels', () => {
  it.each<[Partial<Picture>, string, string, number]>([
    [{}, 'png', 'uchar', 3],
    [{ depth: 16 }, 'png', 'ushort', 3],
    [{ space: 'grey' }, 'png', 'uchar', 1],
    [{ space: 'cmyk' }, 'tiff', 'uchar', 4],
  ])('stores %j as %s of %s with %i channels', async (change, format, depth, channels) => {
    const picture = pictureOf({ width: 2, height: 1, ...change })
    const { source, width, height } = await storePixels(openPixelSource(row, true), nextPass([], picture))
    expect([width, height, source.kind]).toEqual([2, 1, 'stored'])
    expect(await sharp(source.bytes).metadata()).toMatchObject({ format, depth, channels })
  })

  it('stores uncompressed', async () => {
    const bytes = Buffer.alloc(300)
    const flat: PixelSource = { kind: 'raw', width: 10, height: 10, channels: 3, bytes }
    for (const space of ['rgb', 'cmyk'] as const) {
      const { source } = await storePixels(
        openPixelSource(flat, true),
        nextPass([], pictureOf({ width: 10, height: 10, space })),
      )
      expect(source.bytes.length).toBeGreaterThan(space === 'rgb' ? 300 : 400)
    }
  })

  it('trusts the planned size, or else that of sharp', async () => {
    const pass = nextPass([], pictureOf({ width: 20, height: 10 }))
    expect(await storePixels(openPixelSource(row, true), pass)).toMatchObject({ width: 20, height: 10 })
    const unknown = { ...pass, isSizeKnown: false }
    expect(await storePixels(openPixelSource(row, true), unknown)).toMatchObject({ width: 2, height: 1 })
  })
})
