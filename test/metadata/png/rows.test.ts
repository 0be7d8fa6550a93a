import { inflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { makeChunk } from '../../../src/metadata/png/chunks.js'
import { readPngRows } from '../../../src/metadata/png/rows.js'

const WIDTH = 20
const HEIGHT = 10
/** Bytes of the signature and IHDR. */
const HEADER = 33

async function makePng(channels: 3 | 4): Promise<Buffer> {
  const background = { r: 10, g: 20, b: 30, alpha: 0.5 }
  return sharp({ create: { width: WIDTH, height: HEIGHT, channels, background } })
    .png()
    .toBuffer()
}

const insert = (png: Buffer, chunk: Buffer, at = HEADER) =>
  Buffer.concat([png.subarray(0, at), chunk, png.subarray(at)])

describe('readPngRows', () => {
  it.each([3, 4] as const)('returns the rows of %i channels, each behind its filter', async (channels) => {
    const rows = readPngRows(await makePng(channels))
    expect(rows).toMatchObject({ width: WIDTH, height: HEIGHT, channels })
    expect(inflateSync(Buffer.concat(rows?.parts ?? [])).length).toBe(HEIGHT * (1 + WIDTH * channels))
  })

  it('joins several IDAT chunks', async () => {
    const png = await makePng(4)
    const at = png.indexOf('IDAT') - 4
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at))
    const split = [data.subarray(0, 5), data.subarray(5)].map((part) => makeChunk('IDAT', part))
    const parts = readPngRows(
      Buffer.concat([png.subarray(0, at), ...split, png.subarray(at + 12 + data.length)]),
    )?.parts
    expect(Buffer.concat(parts ?? []).equals(data)).toBe(true)
    expect(parts).toHaveLength(2)
  })

  it.each([
    ['is cut off', (png: Buffer) => png.subarray(0, -12)],
    ['has a transparent colour', (png: Buffer) => insert(png, makeChunk('tRNS', Buffer.alloc(6)))],
    [
      'has an unknown chunk that must be understood',
      (png: Buffer) => insert(png, makeChunk('ABCD', Buffer.alloc(1))),
    ],
    ['has two headers', (png: Buffer) => insert(png, png.subarray(8, HEADER))],
    [
      'has a chunk among its pixels',
      (png: Buffer) => {
        const at = png.indexOf('IEND') - 4
        const more = Buffer.concat([
          makeChunk('tEXt', Buffer.from('a\0b')),
          makeChunk('IDAT', Buffer.alloc(1)),
        ])
        return insert(png, more, at)
      },
    ],
    ['has a wrong checksum', (png: Buffer) => Buffer.concat([png.subarray(0, -1), Buffer.from([0])])],
    ['is no PNG', () => Buffer.from('a text that is longer than the header of a PNG')],
  ])('returns undefined if the file %s', async (_, change) => {
    expect(readPngRows(change(await makePng(3)))).toBeUndefined()
  })

  it('returns a density in pixels per metre only', async () => {
    const png = await makePng(3)
    const at = png.indexOf('pHYs') - 4
    const withDensity = (...data: number[]) =>
      Buffer.concat([png.subarray(0, at), makeChunk('pHYs', Buffer.from(data)), png.subarray(at + 21)])
    expect(readPngRows(withDensity(0, 0, 0x0b, 0x13, 0, 0, 0x0b, 0x13, 1))?.pixelsPerMetre).toBe(2835)
    expect(readPngRows(withDensity(0, 0, 0x0b, 0x13, 0, 0, 0x0b, 0x13, 0))).toBeUndefined()
    expect(readPngRows(withDensity(0, 0, 0x0b, 0x13, 0, 0, 0x0b, 0x14, 1))).toBeUndefined()
  })
})
