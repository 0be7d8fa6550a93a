import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
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
  toFile,
  type ColourRange,
} from '../support/patches.js'
import { readRgbProfile, SRGB_CURVE, type Profile } from '../support/profiles.js'
import { makeTiff } from '../support/tiff.js'

const ranges: ColourRange[] = ['within sRGB', 'full gamut']

/** Returns the largest error of the sRGB output against the profile's exact arithmetic, in levels of 255. */
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

/** Returns the error if the colours were not converted, in levels of 255. */
async function unconvertedErrorOf(source: Buffer, { toSrgb }: Profile): Promise<number> {
  const { patches } = await numbersOf(source)
  return Math.max(
    ...patches.flatMap((patch) =>
      toSrgb(patch).map((value, at) => Math.abs(value - 255 * patch[at % patch.length]!)),
    ),
  )
}

describe.each(passes)('conversion to sRGB through %s', (_, ops) => {
  describe.each(RGB)('from %s', (__, profile) => {
    it.each(shallow)('is exact for 8 bits in %s', async (type) => {
      for (const range of ranges) {
        const source = await toFile(makePatches(profile, 8, range), type)
        expect(await unconvertedErrorOf(source, profile), range).toBeGreaterThan(10)
        expect(await errorOf(source, profile, ops), range).toBeLessThan(2)
      }
    })

    it.each(deep)('is exact for 16 bits in %s and keeps 16 bits', async (type) => {
      for (const range of ranges) {
        const source = await toFile(makePatches(profile, 16, range), type)
        expect(await unconvertedErrorOf(source, profile), range).toBeGreaterThan(10)
        expect(await errorOf(source, profile, ops), range).toBeLessThan(2)
      }
    })
  })

  describe.each(GREY)('from grey with %s', (__, profile) => {
    it.each(['jpeg', 'png', 'tiff'] as const)('is exact in %s', async (type) => {
      for (const depth of type === 'jpeg' ? ([8] as const) : ([8, 16] as const)) {
        const source = await toFile(makePatches(profile, depth), type)
        expect(await unconvertedErrorOf(source, profile)).toBeGreaterThan(3)
        expect(await errorOf(source, profile, ops)).toBeLessThan(2)
      }
    })
  })

  it.each(['jpeg', 'tiff'] as const)('is exact from CMYK in %s', async (type) => {
    const source = await toFile(makePatches(CMYK, 8), type)
    expect(await errorOf(source, CMYK, ops)).toBeLessThan(2)
  })
})

it('converts the Display P3 fixture to sRGB with the result of exact arithmetic', async () => {
  const source = await fixture('photos/display-p3.jpg')
  const { data } = await make(source, [{ format: 'png' }])
  const [before, after] = [
    await sharp(source, { ignoreIcc: true }).raw().toBuffer(),
    await sharp(data).raw().toBuffer(),
  ]
  const { icc } = await sharp(source).metadata()
  const { toSrgb } = readRgbProfile(icc!, SRGB_CURVE)
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

it("reads CMYK without a profile with libvips' own profile, in which black ink is black", async () => {
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
