import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ScaleDenominator } from '../../src/codec/types.js'
import { startFastCodec } from '../support/fast-codec.js'
import { DENOMINATORS, matchingScales } from '../support/jpeg-scales.js'
import { cjpeg, hasTools, makeLongCodes } from '../support/jpeg-tools.js'
import { makePicture } from '../support/pictures.js'

let fast: Awaited<ReturnType<typeof startFastCodec>>
let picture: Buffer

beforeAll(async () => {
  fast = await startFastCodec()
  picture = await makePicture('rgb', 203, 157)
})

describe('baseline decoder', () => {
  it('decodes the longest Huffman codes among short ones', async () => {
    for (const small of [1, 2, 3, 4, 5, 9, 30]) {
      const jpeg = makeLongCodes(30, small)
      const pixels = await fast.decode(jpeg, 1)
      const wanted = await sharp(jpeg, { failOn: 'warning' }).raw().toBuffer()
      expect(pixels && Buffer.compare(pixels.bytes, wanted), `${small}`).toBe(0)
    }
  })
})

describe.skipIf(!hasTools)('baseline JPEG of libjpeg-turbo (skipped without libjpeg-turbo-progs)', () => {
  it.each<[string, readonly ScaleDenominator[]]>([
    ['1x1', DENOMINATORS],
    ['2x1', DENOMINATORS],
    ['2x2', DENOMINATORS],
    // At larger scales libjpeg upsamples in ways that are not supported.
    ['4x1', [8]],
    ['1x2', [8]],
    ['3x1', [8]],
  ])('matches sharp with sampling %s at scale denominators %j', async (sampling, denominators) => {
    expect(await matchingScales(fast, await cjpeg(picture, '-sample', sampling))).toEqual(denominators)
  })
})
