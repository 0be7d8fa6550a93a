import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { decodesLikeSharp, startFastCodec } from '../support/fast-codec.js'
import { DENOMINATORS, matchingScales } from '../support/jpeg-scales.js'
import { anyScript, cjpeg, hasTools, rescan, scansOf, splice } from '../support/jpeg-tools.js'
import { fixture, makePicture } from '../support/pictures.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60)

let fast: Awaited<ReturnType<typeof startFastCodec>>
let picture: Buffer
let plain: Buffer

beforeAll(async () => {
  fast = await startFastCodec()
  picture = await makePicture('rgb', 203, 157)
  plain = await sharp(picture).resize(120, 90).jpeg({ progressive: true, quality: 60 }).toBuffer()
})

const scalesOf = (jpeg: Uint8Array) => matchingScales(fast, jpeg)

/** Returns true if a file is decoded. Checks first that a worker is running. */
async function isDecoded(jpeg: Uint8Array): Promise<boolean> {
  expect(await fast.decode(plain, 8)).toBeDefined()
  return (await fast.decode(jpeg, 8)) !== undefined
}

describe('progressive decoder', () => {
  it('matches sharp for photos, and for end-of-band runs over several rows', async () => {
    expect(await decodesLikeSharp(fast, await fixture('photos/progressive.jpg'))).toBe(true)
    const large = sharp(await fixture('photos/landscape.jpg')).resize(1700, 1300, { fit: 'fill' })
    expect(await decodesLikeSharp(fast, await large.jpeg({ progressive: true }).toBuffer())).toBe(true)
    const grey = sharp({ create: { width: 900, height: 500, channels: 3, background: '#8a7' } })
    expect(await scalesOf(await grey.jpeg({ progressive: true }).toBuffer())).toContain(8)
  })
})

describe('unsupported progressive JPEG', () => {
  it('is rejected if truncated at any point, or with extra data in a scan', async () => {
    for (let length = 0; length < plain.length; length += 17)
      expect(await fast.decode(plain.subarray(0, length), 8)).toBeUndefined()
    for (const more of ['00', '0000', 'ff00', 'ffd0', '55'])
      expect(await isDecoded(splice(plain, scansOf(plain)[1]!, 0, more)), more).toBe(false)
  })

  it.each([
    ['quantization table', 'ffc2', 12, 1, '03'],
    ['DC Huffman table', 'ffda', 6, 1, '30'],
  ])('is rejected if its %s is missing', async (_, marker, offset, bytes, hex) => {
    expect(await isDecoded(splice(plain, plain.indexOf(marker, 0, 'hex') + offset, bytes, hex))).toBe(false)
  })

  it('is rejected in greyscale and CMYK', async () => {
    for (const space of ['b-w', 'cmyk']) {
      const jpeg = sharp(picture).toColourspace(space).jpeg({ progressive: true })
      expect(await isDecoded(await jpeg.toBuffer()), space).toBe(false)
    }
  })

  it('is rejected if its coefficients exceed a worker’s memory', async () => {
    const noise = Buffer.from(
      Uint32Array.from({ length: 1400 * 1400 * 3 }, (_, at) => Math.imul(at, 2_654_435_761) >>> 13),
    )
    const jpeg = await sharp(noise, { raw: { width: 1400, height: 1400, channels: 3 } })
      .jpeg({ progressive: true, chromaSubsampling: '4:4:4' })
      .toBuffer()
    expect(await fast.decode(jpeg, 1)).toBeUndefined()
    expect(await isDecoded(jpeg)).toBe(true)
  })
})

describe.skipIf(!hasTools)('progressive JPEG of libjpeg-turbo (skipped without libjpeg-turbo-progs)', () => {
  it.each(['1x1', '2x1', '1x2', '2x2', '4x1', '4x2', '2x4', '2x2,1x2', '2x2,2x1,1x2', '3x1', '1x1,2x1,1x2'])(
    'gives libjpeg’s pixels at 1/8 with sampling %s',
    async (sampling) => {
      const jpeg = await cjpeg(picture, '-progressive', '-sample', sampling)
      expect(await decodesLikeSharp(fast, jpeg)).toBe(true)
    },
  )

  it.each(['1x1', '2x1', '2x2'])('matches sharp for random scans with sampling %s', async (sampling) => {
    const source = await cjpeg(picture, '-sample', sampling)
    await fc.assert(
      fc.asyncProperty(anyScript(3), async (script) => {
        expect(await scalesOf(rescan(source, script))).toEqual(DENOMINATORS)
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  })

  it('is rejected in RGB', async () => {
    expect(await isDecoded(await cjpeg(picture, '-progressive', '-rgb'))).toBe(false)
  })
})
