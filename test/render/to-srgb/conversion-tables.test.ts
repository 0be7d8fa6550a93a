import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ColourTables } from '../../../src/codec/types.js'
import { wrapInTiff } from '../../../src/metadata/tiff-writer.js'
import { tabulateConversion } from '../../../src/render/to-srgb/conversion-tables.js'
import { xyzTag } from '../../support/icc.js'
import {
  ADOBE_RGB,
  DISPLAY_P3,
  makeCmykProfile,
  makeGreyProfile,
  makeRgbProfile,
  PROPHOTO,
  SRGB,
  SRGB_CURVE,
} from '../../support/profiles.js'
import {
  columnsOf,
  functionTag,
  makeShaper,
  samplesTag,
  shaperProfiles,
} from '../../support/random-profiles.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 100)
const SIDE = 256

/** Returns pixels: greys, ramps of each channel, and many colours spread over all. */
function spreadColours(seed: number): Buffer {
  const pixels = Buffer.alloc(SIDE * SIDE * 3)
  let state = seed
  for (let at = 0; at < pixels.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    pixels[at] = state >>> 24
  }
  for (let value = 0; value < 256; value++) {
    pixels.fill(value, 3 * value, 3 * value + 3)
    for (let channel = 0; channel < 3; channel++) {
      const at = 3 * (256 * (channel + 1) + value)
      pixels.fill(0, at, at + 3)
      pixels[at + channel] = value
    }
  }
  return pixels
}

async function convertBySharp(pixels: Buffer, icc: Buffer): Promise<Buffer> {
  const side = Math.sqrt(pixels.length / 3)
  const tiff = wrapInTiff({ width: side, height: side, channels: 3, bytes: pixels }, { icc })
  return sharp(tiff, { limitInputPixels: false }).raw().toBuffer()
}

function convertByTables(pixels: Buffer, tables: ColourTables | 'none'): Buffer {
  if (tables === 'none') return pixels
  const { sums, encoded } = tables
  const converted = Buffer.alloc(pixels.length)
  for (let at = 0; at < pixels.length; at += 3) {
    const [r, g, b] = [4 * pixels[at]!, 4 * (256 + pixels[at + 1]!), 4 * (512 + pixels[at + 2]!)]
    for (let channel = 0; channel < 3; channel++) {
      const light = (sums[r + channel]! + sums[g + channel]! + sums[b + channel]!) >> 14
      converted[at + channel] = encoded[channel]![Math.min(0x4000, Math.max(0, light))]!
    }
  }
  return converted
}

const curve = functionTag(3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045])
const curves = [curve, curve, curve]
const p3 = columnsOf(makeRgbProfile(DISPLAY_P3, 2.2).icc)

async function libvipsProfile(name: 'srgb' | 'p3'): Promise<Buffer> {
  const image = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
  const { icc } = await sharp(await image.withIccProfile(name).jpeg().toBuffer()).metadata()
  return icc!
}

describe('the conversion from a profile to sRGB', () => {
  it.each<[string, Buffer]>([
    ['Display P3', makeShaper(p3, curves)],
    ['Adobe RGB', makeRgbProfile(ADOBE_RGB, 563 / 256).icc],
    ['ProPhoto RGB, whose colours are mostly out of gamut', makeRgbProfile(PROPHOTO, 1.8).icc],
    ['sRGB with a gamma of 2.2', makeRgbProfile(SRGB, 2.2).icc],
    [
      'curves of each kind',
      makeShaper(p3, [curve, samplesTag([460]), samplesTag([0, 9000, 30_000, 65_535])]),
    ],
  ])('gives the values of sharp for all 16.7 million colours of %s', async (_, icc) => {
    const all = Buffer.alloc(256 ** 3 * 3)
    for (let colour = 0; colour < 256 ** 3; colour++) all.writeUIntLE(colour, 3 * colour, 3)
    const tables = tabulateConversion(icc)
    expect(tables).not.toBe('none')
    expect(convertByTables(all, tables!).equals(await convertBySharp(all, icc))).toBe(true)
  })

  it('gives the values of sharp for random profiles', async () => {
    let known = 0
    await fc.assert(
      fc.asyncProperty(shaperProfiles, fc.integer(), async (icc, seed) => {
        const tables = tabulateConversion(icc)
        if (tables === undefined) return
        known++
        const pixels = spreadColours(seed)
        const [mine, sharps] = [convertByTables(pixels, tables), await convertBySharp(pixels, icc)]
        if (mine.equals(sharps)) return
        const at = mine.findIndex((value, index) => value !== sharps[index])
        throw new Error(`Value ${at} is ${mine[at]}, and ${sharps[at]} by sharp.`)
      }),
      { numRuns: RUNS },
    )
    expect(known).toBeGreaterThan(RUNS * 0.7)
  })

  it.each<[string, () => Promise<Buffer>]>([
    ["libvips' own sRGB", async () => libvipsProfile('srgb')],
    ['sRGB with a table', async () => makeRgbProfile(SRGB, SRGB_CURVE).icc],
    ['sRGB with a function', async () => makeShaper(columnsOf(makeRgbProfile(SRGB, 2.2).icc), curves)],
  ])('is none for %s', async (_, profile) => {
    const icc = await profile()
    const pixels = spreadColours(1)
    expect(tabulateConversion(icc)).toBe('none')
    expect((await convertBySharp(pixels, icc)).equals(pixels)).toBe(true)
  })

  it('is known for the profiles of phones and cameras', async () => {
    expect(tabulateConversion(await libvipsProfile('p3'))).toBeTypeOf('object')
  })

  it.each<[string, Buffer]>([
    ['a grey profile', makeGreyProfile(2.2).icc],
    ['a CMYK profile', makeCmykProfile().icc],
    ['a lookup table besides the matrix', makeShaper(p3, curves, [['A2B0', Buffer.alloc(48)]])],
    ['a lookup table of floating-point numbers', makeShaper(p3, curves, [['D2B0', Buffer.alloc(48)]])],
    ['black that has light', makeShaper(p3, [samplesTag([500, 65_535]), curve, curve])],
    ['light of more than 2', makeShaper(p3, [functionTag(1, [2.2, 1.9, 0]), curve, curve])],
    ['a curve of another kind', makeShaper(p3, [functionTag(5, [2.2, 1, 0, 0, 0, 0, 0]), curve, curve])],
    ['a curve that is cut off', makeShaper(p3, [samplesTag([0, 1, 2]).subarray(0, 16), curve, curve])],
    ['a tag that is there twice', makeShaper(p3, curves, [['rXYZ', xyzTag([1, 1, 1])]])],
    ['a matrix of huge numbers', makeShaper([[100, 0, 0], p3[1]!, p3[2]!], curves)],
    ['an empty file', Buffer.alloc(0)],
    ['a file that is cut off', makeShaper(p3, curves).subarray(0, 300)],
  ])('is left to sharp for %s', (_, icc) => {
    expect(tabulateConversion(icc)).toBeUndefined()
  })
})
