import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createHeicDecoder } from '../../src/decode/heic.js'
import { render } from '../../src/core/render.js'
import { openImage, withDefaults } from '../../src/core/source.js'
import type { ImageOp } from '../../src/ops/image-op.js'
import { fixture, make } from '../support/pictures.js'
import * as profiles from '../support/profiles.js'
import type { Profile } from '../support/profiles.js'
import { makeTiff } from '../support/tiff.js'

const { makeRgbProfile, makeGreyProfile, makeCmykProfile } = profiles

const RGB: [name: string, profile: Profile][] = [
  ['Display P3', makeRgbProfile(profiles.DISPLAY_P3, profiles.SRGB_CURVE)],
  ['Adobe RGB', makeRgbProfile(profiles.ADOBE_RGB, 563 / 256)],
  ['ProPhoto', makeRgbProfile(profiles.PROPHOTO, 1.8)],
  ['linear sRGB', makeRgbProfile(profiles.SRGB, 1)],
]
const GREY: [name: string, profile: Profile][] = [
  ['a gamma of 2.2', makeGreyProfile(2.2)],
  ['dot gain', makeGreyProfile(Array.from({ length: 256 }, (_, at) => dotGain(at / 255)))],
]
const CMYK = makeCmykProfile()

/** Paper between dots catches ink's shadow: middle tones print darker. */
function dotGain(value: number): number {
  return 0.1 * value + 0.9 * value ** 1.75
}

/** Greys, mixtures and the corners of sRGB. */
const COLOURS = [
  [
    [0, 0, 0],
    [20, 20, 20],
    [128, 128, 128],
    [255, 255, 255],
  ],
  [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 0],
  ],
  [
    [200, 80, 40],
    [60, 120, 30],
    [10, 40, 90],
    [180, 20, 160],
  ],
  [
    [240, 200, 180],
    [90, 60, 10],
    [0, 200, 200],
    [230, 230, 240],
  ],
].flat()
const PATCH = 24
const SIZE = 4 * PATCH

/** What is asked for in a profile's own numbers, far out of sRGB where the profile reaches there. */
type Filled = 'within sRGB' | 'to the brim'

/** Sixteen flat patches: a TIFF of the bare numbers with the profile beside them. */
function makePatches(profile: Profile, depth: 8 | 16, filled: Filled = 'within sRGB'): Buffer {
  const { channels, icc } = profile
  const top = 2 ** depth - 1
  const values = COLOURS.map((colour) =>
    filled === 'to the brim' && channels === 3
      ? colour.map((value) => value / 255)
      : profile.fromSrgb(colour),
  )
  const data = new (depth === 16 ? Uint16Array : Uint8Array)(SIZE * SIZE * channels)
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / channels)
    const patch = 4 * Math.floor(pixel / SIZE / PATCH) + Math.floor((pixel % SIZE) / PATCH)
    data[at] = Math.round(Math.min(1, Math.max(0, values[patch]![at % channels]!)) * top)
  }
  return makeTiff({ width: SIZE, height: SIZE, channels, data }, icc)
}

type FileType = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff'
const ENCODED = {
  jpeg: { quality: 100, chromaSubsampling: '4:4:4' },
  png: {},
  webp: { lossless: true },
  tiff: { compression: 'deflate' },
} as const

/** The same numbers in another format, the profile kept. */
async function toFile(tiff: Buffer, type: FileType): Promise<Buffer> {
  if (type === 'tiff') return tiff
  const { space, depth } = await sharp(tiff).metadata()
  const image = sharp(tiff).keepIccProfile()
  if (space === 'cmyk')
    return image.pipelineColourspace('cmyk').toColourspace('cmyk')[type](ENCODED.jpeg).toBuffer()
  const deep = depth === 'ushort'
  const avif = deep ? ({ bitdepth: 12, quality: 95, effort: 0 } as const) : { lossless: true, effort: 0 }
  const options = type === 'avif' ? avif : ENCODED[type]
  return image.toColourspace(space).toFormat(type, options).toBuffer()
}

interface Numbers {
  /** From 0 to 1, in the middle of each patch. */
  readonly patches: readonly (readonly number[])[]
  readonly icc: Buffer | undefined
  readonly depth: number
}

/** The bare numbers of the patches, whatever profile is beside them. */
async function numbersOf(bytes: Buffer): Promise<Numbers> {
  const { space, depth, icc } = await sharp(bytes).metadata()
  const deep = depth === 'ushort'
  const own = sharp(bytes).keepIccProfile()
  const { data, info } = await (space === 'cmyk' ? own.pipelineColourspace('cmyk') : own)
    .toColourspace(space)
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const values = deep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data
  const patches = COLOURS.map((_, index) => {
    const [x, y] = [index % 4, Math.floor(index / 4)].map((place) =>
      Math.floor(((place + 0.5) * info.width) / 4),
    )
    const start = (y! * info.width + x!) * info.channels
    return Array.from(values.subarray(start, start + info.channels), (value) => value / (deep ? 65535 : 255))
  })
  return { patches, icc, depth: deep ? 16 : 8 }
}

const onePass: ImageOp[] = [{ thumbnail: 48 }]
const manyPasses: ImageOp[] = [{ blur: 1 }, { thumbnail: 48 }, { rotate: 180 }, { blur: 1 }, { rotate: 180 }]
const passes: [name: string, ops: ImageOp[]][] = [
  ['no operation', []],
  ['one pass', onePass],
  ['several passes', manyPasses],
]

/** How far what comes out is from what the profile says of what went in, in levels of 255. */
async function errorOf(source: Buffer, { toSrgb }: Profile, ops: ImageOp[]): Promise<number> {
  const { data } = await make(source, [...ops, { format: { type: 'png' } }])
  const [before, after] = [await numbersOf(source), await numbersOf(data)]
  expect([after.icc, after.depth]).toEqual([undefined, before.depth])
  const errors = before.patches.flatMap((patch, index) => {
    const made = after.patches[index]!
    return toSrgb(patch).map((value, channel) =>
      Math.abs(value - 255 * made[made.length === 1 ? 0 : channel]!),
    )
  })
  expect(errors.some(Number.isNaN)).toBe(false)
  return Math.max(...errors)
}

/** How far the colours would be wrong if nobody converted them. */
async function stakeOf(source: Buffer, { toSrgb }: Profile): Promise<number> {
  const { patches } = await numbersOf(source)
  return Math.max(
    ...patches.flatMap((patch) =>
      toSrgb(patch).map((value, at) => Math.abs(value - 255 * patch[at % patch.length]!)),
    ),
  )
}

const filled: Filled[] = ['within sRGB', 'to the brim']
const shallow: FileType[] = ['jpeg', 'png', 'webp', 'avif', 'tiff']
const deep: FileType[] = ['png', 'avif', 'tiff']

describe.each(passes)('through %s', (_, ops) => {
  describe.each(RGB)('the colours of %s', (__, profile) => {
    it.each(shallow)('become sRGB from 8 bits in %s', async (type) => {
      for (const fill of filled) {
        const source = await toFile(makePatches(profile, 8, fill), type)
        expect(await stakeOf(source, profile), fill).toBeGreaterThan(10)
        expect(await errorOf(source, profile, ops), fill).toBeLessThan(2)
      }
    })

    it.each(deep)('become sRGB from 16 bits in %s, and stay 16', async (type) => {
      for (const fill of filled) {
        const source = await toFile(makePatches(profile, 16, fill), type)
        expect(await stakeOf(source, profile), fill).toBeGreaterThan(10)
        expect(await errorOf(source, profile, ops), fill).toBeLessThan(2)
      }
    })
  })

  describe.each(GREY)('greys of %s', (__, profile) => {
    it.each(['jpeg', 'png', 'tiff'] as const)('become those of sRGB from %s', async (type) => {
      for (const depth of type === 'jpeg' ? ([8] as const) : ([8, 16] as const)) {
        const source = await toFile(makePatches(profile, depth), type)
        expect(await stakeOf(source, profile)).toBeGreaterThan(3)
        expect(await errorOf(source, profile, ops)).toBeLessThan(2)
      }
    })
  })

  it.each(['jpeg', 'tiff'] as const)('four inks become sRGB from %s', async (type) => {
    const source = await toFile(makePatches(CMYK, 8), type)
    expect(await errorOf(source, CMYK, ops)).toBeLessThan(2)
  })
})

/** Output formats that take the numbers as they are, or nearly. */
const outputs = {
  jpeg: { type: 'jpeg', quality: 100, chromaSubsampling: '4:4:4' },
  png: { type: 'png' },
  webp: { type: 'webp', lossless: true },
  avif: { type: 'avif', lossless: true, effort: 0 },
  tiff: { type: 'tiff', compression: 'deflate' },
} as const

/** The largest difference of the bare numbers, in levels of 255. */
async function changeOf(source: Buffer, made: Buffer): Promise<number> {
  const [before, after] = [await numbersOf(source), await numbersOf(made)]
  const pairs = before.patches.flatMap((patch, index) =>
    patch.map((value, channel) => Math.abs(value - after.patches[index]![channel]!)),
  )
  expect(pairs.some(Number.isNaN)).toBe(false)
  return 255 * Math.max(...pairs)
}

const KEEP: ImageOp = { metadata: 'icc' }

describe.each(passes)('kept through %s', (_, ops) => {
  it.each(shallow)(
    'a profile of %s goes byte for byte into every format, and colours with it',
    async (type) => {
      const [, profile] = RGB[1]!
      const source = await toFile(makePatches(profile, 8, 'to the brim'), type)
      for (const [name, format] of Object.entries(outputs)) {
        const { data } = await make(source, [...ops, KEEP, { format }])
        expect((await sharp(data).metadata()).icc?.equals(profile.icc), name).toBe(true)
        expect(await changeOf(source, data), name).toBeLessThan(name === 'jpeg' ? 4 : 2)
      }
    },
  )

  it.each(deep)('a profile of 16 bits in %s goes into formats of 16', async (type) => {
    const [, profile] = RGB[2]!
    const source = await toFile(makePatches(profile, 16), type)
    for (const name of deep) {
      const { data } = await make(source, [...ops, KEEP, { format: outputs[name] }])
      const { icc, depth } = await sharp(data).metadata()
      expect([icc?.equals(profile.icc), depth], name).toEqual([true, 'ushort'])
      expect(await changeOf(source, data), name).toBeLessThan(name === 'avif' ? 2 : 0.5)
    }
  })

  it.each(['jpeg', 'png', 'tiff'] as const)(
    'a profile of greys in %s goes into formats of grey',
    async (type) => {
      const [, profile] = GREY[1]!
      const source = await toFile(makePatches(profile, 8), type)
      for (const name of ['jpeg', 'png', 'tiff'] as const) {
        const { data, info } = await make(source, [...ops, KEEP, { format: outputs[name] }])
        expect([info.channels, (await sharp(data).metadata()).icc?.equals(profile.icc)], name).toEqual([
          1,
          true,
        ])
        expect(await changeOf(source, data), name).toBeLessThan(2)
      }
    },
  )

  it.each(['jpeg', 'tiff'] as const)(
    'a profile of four inks in %s goes into formats of four inks',
    async (type) => {
      const source = await toFile(makePatches(CMYK, 8), type)
      for (const name of ['jpeg', 'tiff'] as const) {
        const { data, info } = await make(source, [...ops, KEEP, { format: outputs[name] }])
        expect([info.channels, (await sharp(data).metadata()).icc?.equals(CMYK.icc)], name).toEqual([4, true])
        expect(await changeOf(source, data), name).toBeLessThan(3)
      }
    },
  )

  it("a phone's profile goes from HEIC into every format", async () => {
    const bytes = await fixture('photos/phone.heic')
    const { icc } = await sharp(bytes).metadata()
    const decoders = [createHeicDecoder()]
    const image = await openImage(bytes, { limits: withDefaults(), failOn: 'error', decoders })
    for (const format of Object.values(outputs)) {
      const { data } = await render(image, [...ops, KEEP, { format }])
      expect((await sharp(data).metadata()).icc?.equals(icc!), format.type).toBe(true)
    }
  })
})

describe.each(passes)('a profile that can not stay gives way to sRGB through %s:', (_, ops) => {
  const [, grey] = GREY[0]!
  const [, wide] = RGB[1]!

  it('of greys, where the format has no grey', async () => {
    const source = makePatches(makeGreyProfile(1.4), 8)
    for (const name of ['webp', 'avif'] as const) {
      const { data } = await make(source, [...ops, KEEP, { format: outputs[name] }])
      const { icc, patches } = await numbersOf(data)
      const middle = makeGreyProfile(1.4).toSrgb((await numbersOf(source)).patches[2]!)[0]!
      expect([icc, Math.abs(255 * patches[2]![0]! - middle) < 4], name).toEqual([undefined, true])
    }
  })

  it('of greys, where a colour is brought in', async () => {
    const list: ImageOp[] = [...ops, { pad: { left: 10, background: 'red' } }, KEEP, { format: 'jpeg' }]
    const { data, info } = await make(makePatches(grey, 8), list)
    expect([info.channels, (await sharp(data).metadata()).icc]).toEqual([3, undefined])
  })

  it('of colours, where the picture is made grey', async () => {
    const { data, info } = await make(makePatches(wide, 8), [
      ...ops,
      { grayscale: true },
      KEEP,
      { format: 'jpeg' },
    ])
    expect([info.channels, (await sharp(data).metadata()).icc]).toEqual([1, undefined])
  })

  it('of any, where the format holds none', async () => {
    const source = makePatches(wide, 8)
    const { data } = await make(source, [...ops, KEEP, { format: { type: 'gif', dither: 0 } }])
    const { icc, patches } = await numbersOf(data)
    const wanted = wide.toSrgb((await numbersOf(source)).patches[8]!)
    expect(icc).toBeUndefined()
    expect(Math.max(...wanted.map((value, at) => Math.abs(value - 255 * patches[8]![at]!)))).toBeLessThan(4)
  })
})

it('the Display P3 JPEG of the fixtures is, pixel by pixel, what arithmetic makes of it', async () => {
  const source = await fixture('photos/display-p3.jpg')
  const { data } = await make(source, [{ format: 'png' }])
  const [before, after] = [
    await sharp(source, { ignoreIcc: true }).raw().toBuffer(),
    await sharp(data).raw().toBuffer(),
  ]
  const { icc } = await sharp(source).metadata()
  const { toSrgb } = profiles.readRgbProfile(icc!, profiles.SRGB_CURVE)
  let most = 0
  let changed = 0
  for (let at = 0; at < before.length; at += 3) {
    const wanted = toSrgb([...before.subarray(at, at + 3)].map((value) => value / 255))
    for (const [channel, value] of wanted.entries()) {
      most = Math.max(most, Math.abs(value - after[at + channel]!))
      changed = Math.max(changed, Math.abs(before[at + channel]! - after[at + channel]!))
    }
  }
  expect(changed).toBeGreaterThan(20)
  expect(most).toBeLessThan(2)
})

it("four inks without a profile are taken for those of libvips' own, whose blacks are black", async () => {
  const tagged = await sharp(await fixture('photos/landscape.jpg'))
    .resize(60)
    .withIccProfile('cmyk')
    .toColourspace('cmyk')
    .tiff({ compression: 'none' })
    .toBuffer()
  const bare = await withoutProfile(tagged)
  expect([(await sharp(tagged).metadata()).hasProfile, (await sharp(bare).metadata()).hasProfile]).toEqual([
    true,
    false,
  ])
  const seen = async (bytes: Buffer) =>
    sharp((await make(bytes, [{ format: 'png' }])).data)
      .raw()
      .toBuffer()
  expect((await seen(bare)).equals(await seen(tagged))).toBe(true)
  const ink = Uint8Array.from({ length: 64 * 4 }, (_, at) => (at % 4 === 3 ? 255 : 0))
  const black = await withoutProfile(makeTiff({ width: 8, height: 8, channels: 4, data: ink }, CMYK.icc))
  expect(Math.max(...(await seen(black)).subarray(0, 3))).toBeLessThan(30)
})

async function withoutProfile(inks: Buffer): Promise<Buffer> {
  const image = sharp(inks, { ignoreIcc: true }).pipelineColourspace('cmyk').toColourspace('cmyk')
  return image.tiff({ compression: 'none' }).toBuffer()
}

describe.each(passes)('a ramp of 16 bits keeps its fine steps through %s', (_, ops) => {
  const width = 4096
  const data = Uint16Array.from({ length: width * 8 * 3 }, (__, at) => 16 * (Math.floor(at / 3) % width))
  const list = ops.map((op): ImageOp => ('thumbnail' in op ? { crop: '4000x8@0x0' } : op))

  it.each(deep)('in %s, its profile kept, converted, or never there', async (type) => {
    const [, { icc }] = RGB[1]!
    const tagged = makeTiff({ width, height: 8, channels: 3, data }, icc)
    const bare = await sharp(tagged).keepIccProfile().toColourspace('rgb16').removeAlpha().png().toBuffer()
    const untagged = await sharp(bare, { ignoreIcc: true }).toColourspace('rgb16').png().toBuffer()
    expect((await sharp(untagged).metadata()).hasProfile).toBe(false)
    for (const source of [tagged, untagged]) {
      for (const settings of [[], [KEEP]]) {
        const made = await make(source, [...list, ...settings, { format: outputs[type] }])
        const { depth, bitsPerSample } = await sharp(made.data).metadata()
        expect([depth, bitsPerSample]).toEqual(['ushort', type === 'avif' ? 12 : 16])
        const red = await sharp(made.data)
          .keepIccProfile()
          .toColourspace('rgb16')
          .raw({ depth: 'ushort' })
          .toBuffer()
        const row = new Uint16Array(red.buffer, red.byteOffset, made.info.width * 3).filter(
          (__, at) => at % 3 === 0,
        )
        expect(new Set(row).size).toBeGreaterThan(type === 'avif' ? 600 : 3000)
      }
    }
  })
})

describe.each(passes)('alpha beside 16 bits and a profile comes through %s', (_, ops) => {
  it.each(['converted', 'kept'] as const)('and colours are %s', async (what) => {
    const [, profile] = RGB[1]!
    const [red = 0, green = 0, blue = 0] = profile.fromSrgb([200, 80, 40])
    const values = [red, green, blue, 0.6].map((value) => Math.round(65535 * value))
    const data = Uint16Array.from({ length: SIZE * SIZE * 4 }, (__, at) => values[at % 4]!)
    const source = makeTiff({ width: SIZE, height: SIZE, channels: 4, data }, profile.icc)
    const made = await make(source, [...ops, ...(what === 'kept' ? [KEEP] : []), { format: 'png' }])
    const { icc, depth, patches } = await numbersOf(made.data)
    const [r = 0, g = 0, b = 0, alpha = 0] = patches[5]!.map((value) => 255 * value)
    const wanted = what === 'kept' ? [red, green, blue].map((value) => 255 * value) : [200, 80, 40]
    expect([icc?.equals(profile.icc) ?? false, depth, Math.abs(alpha - 153) < 1]).toEqual([
      what === 'kept',
      16,
      true,
    ])
    expect(Math.max(...[r, g, b].map((value, at) => Math.abs(value - wanted[at]!)))).toBeLessThan(2)
  })
})
