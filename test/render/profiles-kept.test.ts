import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { renderRendition } from '../../src/render/render-rendition.js'
import { openImage } from '../../src/image/open-image.js'
import { withDefaults } from '../../src/image/limits.js'
import { createHeicDecoder } from '../../src/decoders/heic.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { fixture, make } from '../support/pictures.js'
import {
  CMYK,
  deep,
  GREY,
  makePatches,
  numbersOf,
  passes,
  RGB,
  shallow,
  SIZE,
  toFile,
} from '../support/patches.js'
import { makeGreyProfile } from '../support/profiles.js'
import { makeTiff } from '../support/tiff.js'

/** Output formats that keep samples, or almost. */
const outputs = {
  jpeg: { type: 'jpeg', quality: 100, chromaSubsampling: '4:4:4' },
  png: { type: 'png' },
  webp: { type: 'webp', lossless: true },
  avif: { type: 'avif', lossless: true, effort: 0 },
  tiff: { type: 'tiff', compression: 'deflate' },
} as const

/** Returns the largest difference between samples, in levels of 255. */
async function changeOf(source: Buffer, made: Buffer): Promise<number> {
  const [before, after] = [await numbersOf(source), await numbersOf(made)]
  const pairs = before.patches.flatMap((patch, index) =>
    patch.map((value, channel) => Math.abs(value - after.patches[index]![channel]!)),
  )
  expect(pairs.some(Number.isNaN)).toBe(false)
  return 255 * Math.max(...pairs)
}

const KEEP: ImageOp = { metadata: 'icc' }

describe.each(passes)('profile kept through %s', (_, ops) => {
  it.each(shallow)('is copied unchanged from %s to every format, with the same samples', async (type) => {
    const [, profile] = RGB[1]!
    const source = await toFile(makePatches(profile, 8, 'full gamut'), type)
    for (const [name, format] of Object.entries(outputs)) {
      const { data } = await make(source, [...ops, KEEP, { format }])
      expect((await sharp(data).metadata()).icc?.equals(profile.icc), name).toBe(true)
      expect(await changeOf(source, data), name).toBeLessThan(name === 'jpeg' ? 4 : 2)
    }
  })

  it.each(deep)('is copied from 16-bit %s to every 16-bit format', async (type) => {
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
    'is copied from grey %s to every format with grey',
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

  it.each(['jpeg', 'tiff'] as const)('is copied from CMYK %s to every format with CMYK', async (type) => {
    const source = await toFile(makePatches(CMYK, 8), type)
    for (const name of ['jpeg', 'tiff'] as const) {
      const { data, info } = await make(source, [...ops, KEEP, { format: outputs[name] }])
      expect([info.channels, (await sharp(data).metadata()).icc?.equals(CMYK.icc)], name).toEqual([4, true])
      expect(await changeOf(source, data), name).toBeLessThan(3)
    }
  })

  it('is copied from a HEIC of a phone to every format', async () => {
    const bytes = await fixture('photos/phone.heic')
    const { icc } = await sharp(bytes).metadata()
    const decoders = [createHeicDecoder()]
    const image = await openImage(bytes, { limits: withDefaults(), failOn: 'error', decoders })
    for (const format of Object.values(outputs)) {
      const { data } = await renderRendition(image, [...ops, KEEP, { format }])
      expect((await sharp(data).metadata()).icc?.equals(icc!), format.type).toBe(true)
    }
  })
})

describe.each(passes)('profile that cannot be kept, through %s', (_, ops) => {
  const [, grey] = GREY[0]!
  const [, wide] = RGB[1]!

  it('is dropped if it is invalid, since libpng refuses it', async () => {
    const icc = Buffer.from(wide.icc)
    icc.writeUInt32BE(icc.length + 1, 0)
    for (const name of ['png', 'jpeg', 'webp'] as const) {
      const { data } = await make(makePatches({ ...wide, icc }, 8), [...ops, KEEP, { format: outputs[name] }])
      expect((await sharp(data).metadata()).hasProfile, name).toBe(false)
    }
  })

  it('is converted to sRGB if it is grey and the format has no grey', async () => {
    const source = makePatches(makeGreyProfile(1.4), 8)
    for (const name of ['webp', 'avif'] as const) {
      const { data } = await make(source, [...ops, KEEP, { format: outputs[name] }])
      const { icc, patches } = await numbersOf(data)
      const middle = makeGreyProfile(1.4).toSrgb((await numbersOf(source)).patches[2]!)[0]!
      expect([icc, Math.abs(255 * patches[2]![0]! - middle) < 4], name).toEqual([undefined, true])
    }
  })

  it('is dropped if it is grey and an operation adds a colour', async () => {
    const list: ImageOp[] = [...ops, { pad: { left: 10, background: 'red' } }, KEEP, { format: 'jpeg' }]
    const { data, info } = await make(makePatches(grey, 8), list)
    expect([info.channels, (await sharp(data).metadata()).icc]).toEqual([3, undefined])
  })

  it('is dropped if it is RGB and the picture becomes grey', async () => {
    const { data, info } = await make(makePatches(wide, 8), [
      ...ops,
      { grayscale: true },
      KEEP,
      { format: 'jpeg' },
    ])
    expect([info.channels, (await sharp(data).metadata()).icc]).toEqual([1, undefined])
  })

  it('is converted to sRGB if the format stores no profile', async () => {
    const source = makePatches(wide, 8)
    const { data } = await make(source, [...ops, KEEP, { format: { type: 'gif', dither: 0 } }])
    const { icc, patches } = await numbersOf(data)
    const wanted = wide.toSrgb((await numbersOf(source)).patches[8]!)
    expect(icc).toBeUndefined()
    expect(Math.max(...wanted.map((value, at) => Math.abs(value - 255 * patches[8]![at]!)))).toBeLessThan(4)
  })
})

describe.each(passes)('16-bit ramp through %s', (_, ops) => {
  const width = 4096
  const data = Uint16Array.from({ length: width * 8 * 3 }, (__, at) => 16 * (Math.floor(at / 3) % width))
  const list = ops.map((op): ImageOp => ('thumbnail' in op ? { crop: '4000x8@0x0' } : op))

  it.each(deep)('keeps its levels in %s, with a kept, converted or missing profile', async (type) => {
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

describe.each(passes)('alpha with 16 bits and a profile through %s', (_, ops) => {
  it.each(['converted', 'kept'] as const)('is kept while the profile is %s', async (profileIs) => {
    const [, profile] = RGB[1]!
    const [red = 0, green = 0, blue = 0] = profile.fromSrgb([200, 80, 40])
    const values = [red, green, blue, 0.6].map((value) => Math.round(65535 * value))
    const data = Uint16Array.from({ length: SIZE * SIZE * 4 }, (__, at) => values[at % 4]!)
    const source = makeTiff({ width: SIZE, height: SIZE, channels: 4, data }, profile.icc)
    const made = await make(source, [...ops, ...(profileIs === 'kept' ? [KEEP] : []), { format: 'png' }])
    const { icc, depth, patches } = await numbersOf(made.data)
    const [r = 0, g = 0, b = 0, alpha = 0] = patches[5]!.map((value) => 255 * value)
    const wanted = profileIs === 'kept' ? [red, green, blue].map((value) => 255 * value) : [200, 80, 40]
    expect([icc?.equals(profile.icc) ?? false, depth, Math.abs(alpha - 153) < 1]).toEqual([
      profileIs === 'kept',
      16,
      true,
    ])
    expect(Math.max(...[r, g, b].map((value, at) => Math.abs(value - wanted[at]!)))).toBeLessThan(2)
  })
})
