import fc from 'fast-check'
import sharp, { type Sharp } from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { resizeToNinth, startFastCodec, resizePixelsToNinth } from '../support/fast-codec.js'
import { cjpeg, hasTools, rescan, scansOf, splice } from '../support/jpeg-tools.js'
import { makePicture } from '../support/pictures.js'

let fastCodec: Awaited<ReturnType<typeof startFastCodec>>
let picture: Buffer
let plain: Buffer

beforeAll(async () => {
  fastCodec = await startFastCodec()
  picture = await makePicture('rgb', 144, 96)
  plain = await sharp(picture).jpeg({ quality: 60 }).toBuffer()
})

/** Returns true if a file is decoded. Checks first that a worker is running. */
async function isDecoded(jpeg: Uint8Array): Promise<boolean> {
  expect(await fastCodec.decode(plain, 8)).toBeDefined()
  return (await fastCodec.decode(jpeg, 8)) !== undefined
}

const JFIF = 'ffe000104a46494600010101004800480000'

const find = (hex: string) => plain.indexOf(hex, 0, 'hex')

describe('baseline decoder', () => {
  it('rejects a file that is no JPEG', async () => {
    expect(await isDecoded(picture)).toBe(false)
    expect(await isDecoded(new Uint8Array())).toBe(false)
  })

  it('rejects greyscale, CMYK, and pictures narrower than one block', async () => {
    const encode = (change: (image: Sharp) => Sharp) => change(sharp(picture)).jpeg().toBuffer()
    expect(await isDecoded(await encode((image) => image.toColourspace('b-w')))).toBe(false)
    expect(await isDecoded(await encode((image) => image.toColourspace('cmyk')))).toBe(false)
    expect(await isDecoded(await encode((image) => image.resize(7, 90, { fit: 'fill' })))).toBe(false)
  })

  it('rejects a file truncated at any point, and extra data in a scan', async () => {
    for (let length = 0; length < plain.length; length += 17)
      expect(await fastCodec.decode(plain.subarray(0, length), 8)).toBeUndefined()
    expect(await isDecoded(plain.subarray(0, -1))).toBe(false)
    for (const more of ['00', '0000', 'ff00', 'ffd0', 'ffff', '55'])
      expect(await isDecoded(splice(plain, plain.length - 2, 0, more)), more).toBe(false)
  })

  it('rejects a file larger than a worker’s memory', async () => {
    expect(await isDecoded(Buffer.concat([plain, Buffer.alloc(36 * 1024 * 1024)]))).toBe(false)
  })

  it.each([
    ['12 bits a sample', 'ffc0', 4, 1, '0c'],
    ['a height of 0', 'ffc0', 5, 2, '0000'],
    ['two components of one id', 'ffc0', 13, 1, '01'],
    ['a wrong height', 'ffc0', 5, 2, '0080'],
    ['a wrong width', 'ffc0', 7, 2, '0100'],
    ['a missing quantization table', 'ffc0', 12, 1, '03'],
    ['a quantization table of 16 bits', 'ffdb', 4, 1, '10'],
    ['a missing Huffman table', 'ffda', 6, 1, '33'],
    ['components in another order', 'ffda', 5, 4, '02110100'],
    ['a scan of fewer coefficients', 'ffda', 12, 1, '3e'],
    ['a scan without the lowest bit', 'ffda', 13, 1, '01'],
  ])('rejects %s', async (_, marker, offset, bytes, hex) => {
    expect(await isDecoded(splice(plain, find(marker) + offset, bytes, hex))).toBe(false)
  })

  it.each([
    ['a second frame', 'ffc00011080060009003012200021101031101'],
    ['a DNL marker', 'ffdc000400db'],
    ['a fill byte', 'ff'],
    ['a restart interval without restart markers', 'ffdd00040004'],
    ['a restart interval of one byte', 'ffdd000301'],
    ['an Adobe marker for RGB', 'ffee000e41646f626500640000000000'],
  ])('rejects %s', async (_, hex) => {
    expect(await isDecoded(splice(plain, find('ffda'), 0, hex))).toBe(false)
  })

  it('decodes YCbCr if a JFIF marker contradicts the Adobe marker', async () => {
    const withBoth = splice(plain, 2, 0, `${JFIF}ffee000e41646f626500640000000000`)
    const pixels = await fastCodec.decode(withBoth, 8)
    expect(await resizePixelsToNinth(pixels!, withBoth)).toEqual(await resizeToNinth(withBoth))
  })
})

describe.skipIf(!hasTools)(
  'baseline decoder with files of libjpeg-turbo (skipped without libjpeg-turbo-progs)',
  () => {
    it('rejects arithmetic coding, RGB, and several scans', async () => {
      expect(await isDecoded(await cjpeg(picture, '-arithmetic'))).toBe(false)
      expect(await isDecoded(await cjpeg(picture, '-rgb'))).toBe(false)
      const apart = rescan(plain, '0; 1; 2;')
      expect(scansOf(apart)).toHaveLength(3)
      expect(await isDecoded(apart)).toBe(false)
    })

    it('rejects restart markers that are missing, out of order, or too many', async () => {
      const jpeg = await cjpeg(picture, '-restart', '3B')
      const second = jpeg.indexOf('ffd1', 0, 'hex')
      expect(await isDecoded(jpeg)).toBe(true)
      expect(await isDecoded(splice(jpeg, second, 2, ''))).toBe(false)
      expect(await isDecoded(splice(jpeg, second, 2, 'ffd3'))).toBe(false)
      expect(await isDecoded(splice(jpeg, second, 0, 'ffd1'))).toBe(false)
    })
  },
)

describe('damaged baseline JPEG', () => {
  it('is decoded to libjpeg’s pixels or rejected', async () => {
    const change = fc.record({ at: fc.nat(plain.length - 1), value: fc.nat(255) })
    let decoded = 0
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const damaged = Buffer.from(plain)
        for (const { at, value } of changes) damaged[at] = value
        const pixels = await fastCodec.decode(damaged, 8)
        if (pixels === undefined) return
        decoded++
        expect(await resizePixelsToNinth(pixels, damaged)).toEqual(await resizeToNinth(damaged, 'error'))
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300) },
    )
    expect(decoded).toBeGreaterThan(0)
  })
})
