import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  ENTRY_BYTES,
  firstDirectory,
  isWhole,
  nextDirectory,
  openTiff,
  readDirectory,
  readEntry,
  TIFF_TYPE,
  valuePosition,
  writeTiff,
} from '../../src/metadata/tiff-directory.js'
import { wrapInTiff } from '../../src/metadata/tiff-writer.js'

const { short, rational } = TIFF_TYPE

/** Orientation 6, and a resolution that does not fit into its entry. */
function sample(): Buffer {
  return writeTiff([
    [0x0112, short, 1, 6],
    [0x011a, rational, 1, Buffer.from(new Uint32Array([300, 1]).buffer)],
  ])
}

describe('openTiff', () => {
  it('reads the byte order of both kinds of header', () => {
    expect(openTiff(Buffer.from('II*\0\b\0\0\0', 'latin1'))?.littleEndian).toBe(true)
    expect(openTiff(Buffer.from('MM\0*\0\0\0\b', 'latin1'))?.littleEndian).toBe(false)
  })

  it('returns undefined for a header that is cut off or names no byte order', () => {
    expect(openTiff(sample().subarray(0, 7))).toBeUndefined()
    expect(openTiff(Buffer.from('IM*\0\b\0\0\0', 'latin1'))).toBeUndefined()
    expect(openTiff(Buffer.from('IM*\0\b\0\0\0', 'latin1'), true)?.littleEndian).toBe(false)
  })

  it('reads bytes in the middle of a larger buffer', () => {
    const around = Buffer.concat([Buffer.alloc(3), sample(), Buffer.alloc(3)])
    const tiff = openTiff(around.subarray(3, -3))!
    expect(readEntry(tiff, firstDirectory(tiff)!.start)).toMatchObject({ tag: 0x0112 })
  })
})

describe('a TIFF directory', () => {
  it('has the entries that were written, and no successor', () => {
    const tiff = openTiff(sample())!
    const directory = firstDirectory(tiff)!
    const second = directory.start + ENTRY_BYTES
    expect(directory).toEqual({ start: 10, end: second + ENTRY_BYTES })
    expect([isWhole(tiff, directory), nextDirectory(tiff, directory)]).toEqual([true, 0])
    expect(readEntry(tiff, directory.start)).toEqual({ position: 10, tag: 0x0112, type: short, count: 1 })
    expect(readEntry(tiff, second)).toEqual({ position: second, tag: 0x011a, type: rational, count: 1 })
  })

  it('keeps values of up to 4 bytes in the entry and longer ones behind the directory', () => {
    const tiff = openTiff(sample())!
    const [first, second] = [10, 22].map((position) => readEntry(tiff, position))
    expect(tiff.view.getUint16(valuePosition(tiff, first!, 2), true)).toBe(6)
    expect(valuePosition(tiff, second!, 8)).toBe(38)
    expect(tiff.view.getUint32(38, true)).toBe(300)
  })

  it('is undefined if its position is outside, negative or not a number', () => {
    const tiff = openTiff(sample())!
    const { byteLength } = tiff.view
    expect(readDirectory(tiff, byteLength - 2)).toBeDefined()
    for (const position of [byteLength - 1, byteLength, 2 ** 32, Infinity, -1, Number.NaN]) {
      expect(readDirectory(tiff, position)).toBeUndefined()
    }
  })

  it('reports that its entries or its link are cut off', () => {
    for (const [bytes, whole, next] of [
      [38, true, 0],
      [37, true, undefined],
      [34, true, undefined],
      [33, false, undefined],
    ] as const) {
      const tiff = openTiff(sample().subarray(0, bytes))!
      const directory = firstDirectory(tiff)!
      expect([isWhole(tiff, directory), nextDirectory(tiff, directory)]).toEqual([whole, next])
    }
    expect(() => readEntry(openTiff(sample().subarray(0, 29))!, 22)).toThrow(RangeError)
  })
})

describe('writeTiff', () => {
  it('puts every value at an even position', () => {
    const tiff = openTiff(
      writeTiff([
        [1, TIFF_TYPE.byte, 5, Buffer.from('abcde')],
        [2, TIFF_TYPE.byte, 6, Buffer.from('fghijk')],
      ]),
    )!
    const positions = [10, 22].map((position) => valuePosition(tiff, readEntry(tiff, position), 6))
    expect(positions).toEqual([38, 44])
    expect(tiff.view.byteLength).toBe(50)
  })
})

describe('wrapInTiff', () => {
  it('makes a file whose pixels and metadata sharp reads back', async () => {
    const bytes = Buffer.from(Array.from({ length: 3 * 2 * 3 }, (_, at) => at * 10))
    const pixels = { width: 3, height: 2, channels: 3, bytes } as const
    const file = wrapInTiff(pixels, { orientation: 6, density: 300, resolutionUnit: 'inch' })
    expect(await sharp(file).metadata()).toMatchObject({
      orientation: 6,
      density: 300,
      resolutionUnit: 'inch',
    })
    expect(await sharp(file).raw().toBuffer()).toEqual(bytes)
  })
})
