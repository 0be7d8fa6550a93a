import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { cutAcScans } from '../../../src/codec/parser/dc-only.js'
import { makePicture } from '../../support/pictures.js'
import { isCut } from '../../support/jpeg-cuts.js'
import { resizeToNinth } from '../../support/fast-codec.js'
import { cjpeg, hasTools, jpegtran, rescan, scansOf, splice } from '../../support/jpeg-tools.js'

const WIDTH = 301
const HEIGHT = 219

let picture: Buffer
let plain: Buffer

beforeAll(async () => {
  picture = await makePicture('rgb', WIDTH, HEIGHT)
  plain = await sharp(picture).jpeg({ progressive: true }).toBuffer()
})

describe.skipIf(!hasTools)(
  'cutAcScans with files of libjpeg-turbo (skipped without libjpeg-turbo-progs)',
  () => {
    it('rejects arithmetic coding', async () => {
      expect(isCut(await cjpeg(picture, '-progressive', '-arithmetic'))).toBe(false)
    })

    it('rejects restart markers that are missing, out of order, or too many', async () => {
      const jpeg = await cjpeg(picture, '-progressive', '-restart', '2')
      const last = jpeg.lastIndexOf('ffd0', undefined, 'hex')
      expect(isCut(jpeg)).toBe(true)
      expect(isCut(splice(jpeg, last, 2, ''))).toBe(false)
      expect(isCut(splice(jpeg, last, 2, 'ffd3'))).toBe(false)
      expect(isCut(splice(plain, plain.length - 2, 0, 'ffd0'))).toBe(false)
    })

    it('rejects scans that are missing, repeated, or too early', async () => {
      const source = await cjpeg(picture, '-sample', '1x1')
      const scripts = {
        whole: '0,1,2: 0-0, 0, 0; 0: 1-63, 0, 1; 0: 1-63, 1, 0; 1: 1-63, 0, 0; 2: 1-63, 0, 0;',
        // libjpeg-turbo takes missing coefficients for zeros and smooths the picture.
        coarse: '0,1,2: 0-0, 0, 0; 0: 1-63, 0, 1; 1: 1-63, 0, 0; 2: 1-63, 0, 0;',
        halved: '0,1,2: 0-0, 0, 0; 0: 1-5, 0, 0; 1: 1-63, 0, 0; 2: 1-63, 0, 0;',
      }
      expect(isCut(rescan(source, scripts.whole))).toBe(true)
      expect(isCut(rescan(source, scripts.coarse))).toBe(false)
      expect(isCut(rescan(source, scripts.halved))).toBe(false)
      const whole = jpegtran(source, '-progressive')
      const [first, second] = scansOf(whole)
      const dc = whole.subarray(first, second)
      expect(isCut(Buffer.concat([whole.subarray(0, second), dc, whole.subarray(second)]))).toBe(false)
      expect(isCut(Buffer.concat([whole.subarray(0, first), whole.subarray(second)]))).toBe(false)
    })
  },
)

describe('cutAcScans', () => {
  it('rejects a file that is no progressive JPEG', async () => {
    expect(isCut(picture)).toBe(false)
    expect(isCut(new Uint8Array())).toBe(false)
    expect(isCut(await sharp(picture).jpeg().toBuffer())).toBe(false)
  })

  it('rejects a file larger than 64 MiB', () => {
    expect(isCut(Buffer.concat([plain, Buffer.alloc(64 * 1024 * 1024)]))).toBe(false)
  })

  it('rejects a file truncated at any point', () => {
    for (let length = 0; length < plain.length; length += 13)
      expect(isCut(plain.subarray(0, length))).toBe(false)
    expect(isCut(plain.subarray(0, -1))).toBe(false)
    expect(isCut(plain.subarray(0, -2))).toBe(false)
  })

  it('rejects bytes between segments', () => {
    const tables = plain.indexOf('ffdb', 0, 'hex')
    expect(isCut(splice(plain, tables, 0, '00'))).toBe(false)
  })

  it.each([
    ['12 bits a sample', 4, 1, '0c'],
    ['a height of 0', 5, 2, '0000'],
    ['a width of 0', 7, 2, '0000'],
    ['two components', 9, 1, '02'],
    ['two components of one id', 13, 1, '01'],
    ['a sampling factor of 0', 11, 1, '20'],
    ['a sampling factor of 5', 11, 1, '25'],
  ])('rejects %s', (_, offset, bytes, hex) => {
    expect(isCut(splice(plain, plain.indexOf('ffc2', 0, 'hex') + offset, bytes, hex))).toBe(false)
  })

  it.each([
    ['a second frame', 'ffc2000b080010001001011100'],
    ['quantization tables between scans', `ffdb004300${'01'.repeat(64)}`],
    ['a comment between scans', 'fffe0004aaaa'],
    ['a DNL marker', 'ffdc000400db'],
    ['a segment shorter than its header', 'ffc40001'],
    ['a Huffman table with too many codes', `ffc400161003${'00'.repeat(15)}010203`],
    ['a Huffman table of an invalid class', `ffc400142001${'00'.repeat(16)}`],
    ['a Huffman table of an invalid id', `ffc400141401${'00'.repeat(16)}`],
    ['a fill byte', 'ff'],
    ['a scan of a missing component', 'ffda0008010900013f00'],
    ['a restart interval of one byte', 'ffdd000301'],
  ])('rejects %s', (_, hex) => {
    const tables = plain.lastIndexOf('ffc4', scansOf(plain).at(-1), 'hex')
    expect(isCut(splice(plain, tables, 0, 'ffdd00040000'))).toBe(true)
    expect(isCut(splice(plain, tables, 0, hex))).toBe(false)
  })
})

describe('cutAcScans with an invalid scan', () => {
  /** Returns the offset of the last scan, which refines luma's coefficients 1 to 63. */
  const last = () => scansOf(plain).at(-1)!

  it('rejects a missing Huffman table', () => {
    expect(isCut(splice(plain, last() + 6, 1, '03'))).toBe(false)
  })

  it('rejects more than 63 AC coefficients', () => {
    expect(isCut(splice(plain, last() + 8, 1, '40'))).toBe(false)
  })

  it('rejects DC and AC coefficients in one scan', () => {
    expect(isCut(splice(plain, last() + 7, 1, '00'))).toBe(false)
  })

  it('rejects a skipped or repeated bit', () => {
    expect([...plain.subarray(last() + 7, last() + 10)]).toEqual([1, 63, 0x10])
    for (const bits of ['00', '11', '20', '21']) expect(isCut(splice(plain, last() + 9, 1, bits))).toBe(false)
    // From bit 2 to bit 0 in one scan, which is the last.
    const skippingBit = splice(plain, scansOf(plain)[5]! + 9, 1, '20').subarray(0, last())
    const withEnd = Buffer.concat([skippingBit, plain.subarray(-2)])
    expect(isCut(withEnd)).toBe(false)
  })
})

describe('damaged progressive JPEG without its AC scans', () => {
  it('gives the pixels of the intact file if only dropped scans are damaged', async () => {
    const [start, end] = scansOf(plain).slice(1, 3)
    const damaged = Buffer.from(plain)
    damaged.fill(0x55, start! + 30, end! - 200)
    expect((await resizeToNinth(cutAcScans(damaged)!)).equals(await resizeToNinth(plain))).toBe(true)
  })

  it('never gives other pixels or more errors than the whole file', async () => {
    const change = fc.record({ at: fc.nat(plain.length - 1), value: fc.nat(255) })
    const failOn = fc.constantFrom<'none' | 'error'>('none', 'error')
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), failOn, async (changes, failOn) => {
        const damaged = Buffer.from(plain)
        for (const { at, value } of changes) damaged[at] = value
        const cut = cutAcScans(damaged)
        const before = cut && (await resizeToNinth(damaged, failOn).catch(() => undefined))
        const after = before && (await resizeToNinth(cut, failOn))
        expect(after).toEqual(before)
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 100) },
    )
  })
})
