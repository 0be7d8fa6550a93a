import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readMatrixProfile } from '../../src/metadata/icc-profile.js'
import { ADOBE_RGB, makeCmykProfile, makeGreyProfile, makeRgbProfile } from '../support/profiles.js'

/** Returns libvips' sRGB profile, whose curves are parametric. */
async function parametric(): Promise<Buffer> {
  const red = sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
  const { icc } = await sharp(await red.withIccProfile('srgb').png().toBuffer()).metadata()
  return icc!
}

/** Returns a profile whose curves are one parametric function. */
function withFunction(type: number, numbers: readonly number[]): Buffer {
  const { icc } = makeRgbProfile(
    ADOBE_RGB,
    Array.from({ length: 64 }, (_, at) => at / 63),
  )
  const at = icc.readUInt32BE(icc.indexOf('rTRC') + 4)
  icc.write('para', at, 'latin1')
  icc.writeUInt16BE(type, at + 8)
  for (const [index, value] of numbers.entries())
    icc.writeInt32BE(Math.round(value * 65536), at + 12 + 4 * index)
  return icc
}

describe('readMatrixProfile', () => {
  it('reads curves that are powers, samples or parametric functions', async () => {
    const light = (icc: Buffer, value: number) => readMatrixProfile(icc)?.curves.map((curve) => curve(value))
    expect(light(makeRgbProfile(ADOBE_RGB, 1.5).icc, 0.25)).toEqual([0.125, 0.125, 0.125])
    expect(light(makeRgbProfile(ADOBE_RGB, [0, 0.25, 1]).icc, 0.75)![0]).toBeCloseTo(0.625, 3)
    expect(light(await parametric(), 0.5)![1]).toBeCloseTo(0.21404, 4)
    expect(light(await parametric(), 0.02)![2]).toBeCloseTo(0.02 / 12.92, 5)
  })

  it.each([
    [0, [2], 0.5, 0.25],
    [1, [2, 1, -0.25], 0.5, 0.0625],
    [1, [2, 1, -0.25], 0.125, 0],
    [2, [2, 1, -0.25, 0.125], 0.5, 0.1875],
    [2, [2, 1, -0.25, 0.125], 0.125, 0.125],
    [3, [2, 1, 0, 0.5, 0.25], 0.5, 0.25],
    [3, [2, 1, 0, 0.5, 0.25], 0.125, 0.0625],
    [4, [2, 1, 0, 0.5, 0.25, 0.125, 0.0625], 0.5, 0.375],
    [4, [2, 1, 0, 0.5, 0.25, 0.125, 0.0625], 0.125, 0.125],
  ])('reads parametric functions of type %i', (type, numbers, value, light) => {
    expect(readMatrixProfile(withFunction(type, numbers))?.curves[0](value)).toBeCloseTo(light, 6)
  })

  it('reads a matrix whose white is D50', () => {
    const { matrix } = readMatrixProfile(makeRgbProfile(ADOBE_RGB, 2.2).icc)!
    const white = [0, 3, 6].map((row) => matrix[row]! + matrix[row + 1]! + matrix[row + 2]!)
    for (const [at, value] of [0.9642, 1, 0.8249].entries()) expect(white[at]).toBeCloseTo(value, 3)
  })

  it('returns undefined for profiles without a matrix and for damaged ones', () => {
    const { icc } = makeRgbProfile(ADOBE_RGB, 2.2)
    const tabled = Buffer.from(icc)
    tabled.write('A2B0', tabled.indexOf('cprt'), 'latin1')
    const odd = withFunction(9, [])
    const cut = icc.subarray(0, 140)
    const gone = Buffer.from(icc)
    gone.write('gone', gone.indexOf('gXYZ'), 'latin1')
    const others = [makeGreyProfile(2.2).icc, makeCmykProfile().icc, tabled, odd, cut, gone, Buffer.alloc(0)]
    expect(others.map(readMatrixProfile)).toEqual(others.map(() => undefined))
  })
})
