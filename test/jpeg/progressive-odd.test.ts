import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { cutAcScans } from '../../src/jpeg/parser/dc-only.js'
import { makePicture } from '../support/pictures.js'
import { isCut } from '../support/jpeg-cuts.js'
import { atEighth } from '../support/fast-jpeg.js'
import { cjpeg, hasTools, jpegtran, rescan, scansOf, splice } from '../support/jpeg-tools.js'

const WIDTH = 301
const HEIGHT = 219

let picture: Buffer
let plain: Buffer

beforeAll(async () => {
  picture = await makePicture('rgb', WIDTH, HEIGHT)
  plain = await sharp(picture).jpeg({ progressive: true }).toBuffer()
})

describe.skipIf(!hasTools)('a cut (skipped without libjpeg-turbo-progs)', () => {
  it('is not taken of arithmetic coding', async () => {
    expect(isCut(await cjpeg(picture, '-progressive', '-arithmetic'))).toBe(false)
  })

  it('is not taken where restart markers are missing, out of order, or too many', async () => {
    const jpeg = await cjpeg(picture, '-progressive', '-restart', '2')
    const last = jpeg.lastIndexOf('ffd0', undefined, 'hex')
    expect(isCut(jpeg)).toBe(true)
    expect(isCut(splice(jpeg, last, 2, ''))).toBe(false)
    expect(isCut(splice(jpeg, last, 2, 'ffd3'))).toBe(false)
    expect(isCut(splice(plain, plain.length - 2, 0, 'ffd0'))).toBe(false)
  })

  it('is not taken where scans are missing, come twice or too early', async () => {
    const source = await cjpeg(picture, '-sample', '1x1')
    const scripts = {
      whole: '0,1,2: 0-0, 0, 0; 0: 1-63, 0, 1; 0: 1-63, 1, 0; 1: 1-63, 0, 0; 2: 1-63, 0, 0;',
      // libjpeg-turbo fills up what is missing with nothing; the file is then rendered smoothed.
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
})

describe('the ordinary way is taken for', () => {
  it('what is no progressive JPEG', async () => {
    expect(isCut(picture)).toBe(false)
    expect(isCut(new Uint8Array())).toBe(false)
    expect(isCut(await sharp(picture).jpeg().toBuffer())).toBe(false)
  })

  it('a file so large that looking for its markers might take long', () => {
    expect(isCut(Buffer.concat([plain, Buffer.alloc(64 * 1024 * 1024)]))).toBe(false)
  })

  it('a file that ends too early, wherever', () => {
    for (let length = 0; length < plain.length; length += 13)
      expect(isCut(plain.subarray(0, length))).toBe(false)
    expect(isCut(plain.subarray(0, -1))).toBe(false)
    expect(isCut(plain.subarray(0, -2))).toBe(false)
  })

  it('bytes between segments', () => {
    const tables = plain.indexOf('ffdb', 0, 'hex')
    expect(isCut(splice(plain, tables, 0, '00'))).toBe(false)
  })

  it.each([
    ['12 bits a sample', 4, 1, '0c'],
    ['a height that comes later', 5, 2, '0000'],
    ['no width', 7, 2, '0000'],
    ['two components', 9, 1, '02'],
    ['two components of one name', 13, 1, '01'],
    ['a sampling factor of 0', 11, 1, '20'],
    ['a sampling factor of 5', 11, 1, '25'],
  ])('%s', (_, offset, bytes, hex) => {
    expect(isCut(splice(plain, plain.indexOf('ffc2', 0, 'hex') + offset, bytes, hex))).toBe(false)
  })

  it.each([
    ['a second frame', 'ffc2000b080010001001011100'],
    ['quantizers between scans', `ffdb004300${'01'.repeat(64)}`],
    ['a comment between scans', 'fffe0004aaaa'],
    ['a late height', 'ffdc000400db'],
    ['a segment that ends before it begins', 'ffc40001'],
    ['a table of more codes than there are', `ffc400161003${'00'.repeat(15)}010203`],
    ['a table of a kind that there isn’t', `ffc400142001${'00'.repeat(16)}`],
    ['a table of a name that there isn’t', `ffc400141401${'00'.repeat(16)}`],
    ['a fill byte', 'ff'],
    ['a scan of a component that there isn’t', 'ffda0008010900013f00'],
    ['a restart interval of one byte', 'ffdd000301'],
  ])('%s', (_, hex) => {
    const tables = plain.lastIndexOf('ffc4', scansOf(plain).at(-1), 'hex')
    expect(isCut(splice(plain, tables, 0, 'ffdd00040000'))).toBe(true)
    expect(isCut(splice(plain, tables, 0, hex))).toBe(false)
  })
})

describe('the ordinary way is taken for a scan', () => {
  /** The second of luma's coefficients 1 to 63, which comes last of all. */
  const last = () => scansOf(plain).at(-1)!

  it('of a table that was never there', () => {
    expect(isCut(splice(plain, last() + 6, 1, '03'))).toBe(false)
  })

  it('of more coefficients than there are', () => {
    expect(isCut(splice(plain, last() + 8, 1, '40'))).toBe(false)
  })

  it('of DC and AC together', () => {
    expect(isCut(splice(plain, last() + 7, 1, '00'))).toBe(false)
  })

  it('that leaves out a bit, or gives one twice', () => {
    expect([...plain.subarray(last() + 7, last() + 10)]).toEqual([1, 63, 0x10])
    for (const bits of ['00', '11', '20', '21']) expect(isCut(splice(plain, last() + 9, 1, bits))).toBe(false)
    // From bit 2 to bit 0 at once, and no scan after that.
    const leaping = splice(plain, scansOf(plain)[5]! + 9, 1, '20').subarray(0, last())
    const skipping = Buffer.concat([leaping, plain.subarray(-2)])
    expect(isCut(skipping)).toBe(false)
  })
})

describe('a damaged progressive JPEG', () => {
  it('gives the pixels of the whole file where only what is left out is damaged', async () => {
    const [start, end] = scansOf(plain).slice(1, 3)
    const damaged = Buffer.from(plain)
    damaged.fill(0x55, start! + 30, end! - 200)
    expect((await atEighth(cutAcScans(damaged)!)).equals(await atEighth(plain))).toBe(true)
  })

  it('never gives other pixels than without the cut, and never fails where it didn’t', async () => {
    const change = fc.record({ at: fc.nat(plain.length - 1), value: fc.nat(255) })
    const failOn = fc.constantFrom<'none' | 'error'>('none', 'error')
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), failOn, async (changes, failOn) => {
        const damaged = Buffer.from(plain)
        for (const { at, value } of changes) damaged[at] = value
        const cut = cutAcScans(damaged)
        const before = cut && (await atEighth(damaged, failOn).catch(() => undefined))
        const after = before && (await atEighth(cut, failOn))
        expect(after).toEqual(before)
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 100) },
    )
  })
})
