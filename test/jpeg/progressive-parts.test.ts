import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { decodesAlike, startFastJpeg } from '../support/fast-jpeg.js'
import { PARTS, partsAlike } from '../support/jpeg-parts.js'
import { anyScript, cjpeg, hasTools, rescan, scansOf, splice } from '../support/jpeg-tools.js'
import { fixture, makePicture } from '../support/pictures.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60)

let fast: Awaited<ReturnType<typeof startFastJpeg>>
let picture: Buffer
let plain: Buffer

beforeAll(async () => {
  fast = await startFastJpeg()
  picture = await makePicture('rgb', 203, 157)
  plain = await sharp(picture).resize(120, 90).jpeg({ progressive: true, quality: 60 }).toBuffer()
})

const partsOf = (jpeg: Uint8Array) => partsAlike(fast, jpeg)

/** Whether it is decoded, by a thread that is there and does decode. */
async function isDecoded(jpeg: Uint8Array): Promise<boolean> {
  expect(await fast.decode(plain, 8)).toBeDefined()
  return (await fast.decode(jpeg, 8)) !== undefined
}

describe('a progressive JPEG', () => {
  it('may be a photo, and one so plain that runs go on for rows', async () => {
    expect(await decodesAlike(fast, await fixture('photos/progressive.jpg'))).toBe(true)
    const large = sharp(await fixture('photos/landscape.jpg')).resize(1700, 1300, { fit: 'fill' })
    expect(await decodesAlike(fast, await large.jpeg({ progressive: true }).toBuffer())).toBe(true)
    const grey = sharp({ create: { width: 900, height: 500, channels: 3, background: '#8a7' } })
    expect(await partsOf(await grey.jpeg({ progressive: true }).toBuffer())).toContain(8)
  })
})

describe('a progressive JPEG is left to libjpeg', () => {
  it('where it ends too early, wherever, or a scan goes on', async () => {
    for (let length = 0; length < plain.length; length += 17)
      expect(await fast.decode(plain.subarray(0, length), 8)).toBeUndefined()
    for (const more of ['00', '0000', 'ff00', 'ffd0', '55'])
      expect(await isDecoded(splice(plain, scansOf(plain)[1]!, 0, more)), more).toBe(false)
  })

  it.each([
    ['quantizers that aren’t there', 'ffc2', 12, 1, '03'],
    ['codes for DC that aren’t there', 'ffda', 6, 1, '30'],
  ])('where it means %s', async (_, marker, offset, bytes, hex) => {
    expect(await isDecoded(splice(plain, plain.indexOf(marker, 0, 'hex') + offset, bytes, hex))).toBe(false)
  })

  it('where it is grey or in ink', async () => {
    for (const space of ['b-w', 'cmyk']) {
      const jpeg = sharp(picture).toColourspace(space).jpeg({ progressive: true })
      expect(await isDecoded(await jpeg.toBuffer()), space).toBe(false)
    }
  })

  it('where its coefficients take more memory than a thread has', async () => {
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

describe.skipIf(!hasTools)(
  'a progressive JPEG of libjpeg-turbo (skipped without libjpeg-turbo-progs)',
  () => {
    it.each([
      '1x1',
      '2x1',
      '1x2',
      '2x2',
      '4x1',
      '4x2',
      '2x4',
      '2x2,1x2',
      '2x2,2x1,1x2',
      '3x1',
      '1x1,2x1,1x2',
    ])('sampled %s gives libjpeg’s pixels at 1/8', async (sampling) => {
      const jpeg = await cjpeg(picture, '-progressive', '-sample', sampling)
      expect(await decodesAlike(fast, jpeg)).toBe(true)
    })

    it.each(['1x1', '2x1', '2x2'])('sampled %s may have whatever scans', async (sampling) => {
      const source = await cjpeg(picture, '-sample', sampling)
      await fc.assert(
        fc.asyncProperty(anyScript(3), async (script) => {
          expect(await partsOf(rescan(source, script))).toEqual(PARTS)
        }),
        { numRuns: Math.ceil(RUNS / 3) },
      )
    })

    it('isn’t decoded in RGB', async () => {
      expect(await isDecoded(await cjpeg(picture, '-progressive', '-rgb'))).toBe(false)
    })
  },
)
