import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJxl, toMetadata } from '../../src/jxl/read-header.js'

const fixture = (name: string) => readFile(new URL(`../../fixtures/jxl/${name}`, import.meta.url))

/** Writes bits, the lowest of a byte first, behind the signature of a codestream. */
function codestream(...fields: readonly (readonly [value: number, bits: number])[]): Buffer {
  const bits = fields.flatMap(([value, count]) =>
    Array.from({ length: count }, (_, bit) => Math.floor(value / 2 ** bit) % 2),
  )
  const bytes = Array.from({ length: Math.ceil(bits.length / 8) }, (_, byte) =>
    bits.slice(byte * 8, byte * 8 + 8).reduce((sum, value, bit) => sum + value * 2 ** bit, 0),
  )
  return Buffer.from([0xff, 0x0a, ...bytes])
}

const read = (bytes: Uint8Array) => {
  const file = readJxl(bytes)
  if (file === undefined || file === 'damaged') throw new Error(`It is ${file}.`)
  return file
}

/** A size in full: not in eighths, no ratio, with the longest form of each number. */
const sizeOf = (width: number, height: number) =>
  [
    [0, 1],
    [3, 2],
    [height - 1, 30],
    [0, 3],
    [3, 2],
    [width - 1, 30],
  ] as const

describe('readJxl', () => {
  it('reads any size that a header can tell', () => {
    const side = fc.integer({ min: 1, max: 2 ** 30 })
    fc.assert(
      fc.property(side, side, (width, height) => {
        const { header } = read(codestream(...sizeOf(width, height), [1, 1]))
        expect(header).toMatchObject({ width, height, bits: 8, hasAlpha: false, isXyb: true })
      }),
    )
  })

  it('reads a size in eighths and a ratio', () => {
    const { header } = read(codestream([1, 1], [8, 5], [3, 3], [1, 1]))
    expect(header).toMatchObject({ width: 96, height: 72 })
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('tells the upright size for orientation %i', (orientation) => {
    const extra = [
      [0, 1],
      [1, 1],
      [orientation - 1, 3],
      [0, 1],
      [0, 1],
      [0, 1],
    ] as const
    // 8 bits, narrow buffers, no extra channels, XYB, sRGB.
    const rest = [
      [0, 1],
      [0, 2],
      [1, 1],
      [0, 2],
      [1, 1],
      [1, 1],
    ] as const
    const { header } = read(codestream(...sizeOf(30, 20), ...extra, ...rest))
    const upright = orientation > 4 ? { width: 20, height: 30 } : { width: 30, height: 20 }
    expect(header).toMatchObject({ ...upright, orientation })
  })

  it('reads boxes, compressed EXIF, and that a JPEG can be given back', async () => {
    const file = read(await fixture('photo.jxl'))
    expect(file.header).toMatchObject({ width: 800, height: 600, isXyb: false, isAnimated: false })
    expect(file).toMatchObject({ holdsJpeg: true, missing: 0 })
    expect(file.exif?.toString('latin1')).toContain('II*')
    expect(toMetadata(file)).toMatchObject({ format: 'jxl', space: 'srgb', channels: 3, depth: 'uchar' })
  })

  it('reads alpha and animation of a bare codestream', async () => {
    const { header } = read(await fixture('animated.jxl'))
    expect(header).toMatchObject({ width: 120, height: 90, hasAlpha: true, isAnimated: true, bits: 8 })
  })

  it('tells how many bytes of a box are missing', async () => {
    const whole = await fixture('photo.jxl')
    expect(read(whole.subarray(0, whole.length - 1000))).toMatchObject({ missing: 1000 })
  })

  it('returns undefined for other files, and damaged for a header that is cut off', () => {
    expect(readJxl(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))).toBeUndefined()
    expect(readJxl(new Uint8Array())).toBeUndefined()
    expect(readJxl(Buffer.from([0xff, 0x0a]))).toBe('damaged')
    expect(readJxl(Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1'))).toBe('damaged')
  })

  it('never fails otherwise, whatever follows the signature', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, isBare) => {
        const signature = isBare ? [0xff, 0x0a] : Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1')
        expect(() => readJxl(Buffer.from([...signature, ...bytes]))).not.toThrow()
      }),
    )
  })
})
