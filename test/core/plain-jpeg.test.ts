import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import sharp, { type Metadata } from 'sharp'
import { describe, expect, it } from 'vitest'
import { readPlainJpeg } from '../../src/core/plain-jpeg.js'

function paint(channels: 1 | 3 = 3, width = 33, height = 17) {
  const raw = { width, height, channels }
  return sharp(Buffer.alloc(width * height * channels, 90), { raw })
}

const JFIF = Buffer.from('ffe000104a46494600010100000100010000', 'hex')

describe('the header of a plain JPEG', () => {
  it.each([
    ['4:2:0', paint().jpeg()],
    ['4:4:4', paint().jpeg({ chromaSubsampling: '4:4:4' })],
    ['progressive', paint().jpeg({ progressive: true })],
    ['mozjpeg', paint().jpeg({ mozjpeg: true })],
    ['grey', paint(1).toColourspace('b-w').jpeg()],
  ])('is what sharp says of it: %s', async (_, picture) => {
    const file = await picture.toBuffer()
    expect(readPlainJpeg(file)).toEqual(await sharp(file).metadata())
  })

  it.each([
    [0, 1, 1],
    [0, 300, 300],
    [1, 72, 72],
    [1, 300, 300],
    [1, 96, 120],
  ])('has its density: unit %d, %d across, %d down', async (unit, across, down) => {
    const plain = await paint().jpeg().toBuffer()
    const file = Buffer.concat([plain.subarray(0, 2), JFIF, plain.subarray(2)])
    file[13] = unit
    file.writeUInt16BE(across, 14)
    file.writeUInt16BE(down, 16)
    expect(readPlainJpeg(file)).toEqual(await sharp(file).metadata())
  })

  it.each([
    [
      'EXIF',
      paint()
        .withExif({ IFD0: { Artist: 'me' } })
        .jpeg(),
    ],
    ['a profile', paint().withIccProfile('p3').jpeg()],
    ['XMP', paint().withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>').jpeg()],
    ['four inks', paint().toColourspace('cmyk').jpeg()],
    ['another format', paint().png()],
  ])('is left to sharp where there is more to it: %s', async (_, picture) => {
    expect(readPlainJpeg(await picture.toBuffer())).toBeUndefined()
  })

  it('is left to sharp where it has a comment, or components of other names', async () => {
    const file = await paint().jpeg().toBuffer()
    const comment = Buffer.from([0xff, 0xfe, 0, 4, 0x68, 0x69])
    expect(readPlainJpeg(Buffer.concat([file.subarray(0, 2), comment, file.subarray(2)]))).toBeUndefined()
    file[file.indexOf(Buffer.from('ffc0', 'hex')) + 10] = 'R'.charCodeAt(0)
    expect(readPlainJpeg(file)).toBeUndefined()
  })

  it('is never made up: whatever is damaged, it says what sharp says, or nothing', async () => {
    const file = await paint().jpeg().toBuffer()
    const end = file.indexOf(Buffer.from([0xff, 0xda])) + 14
    const wrong: unknown[] = []
    const compare = async (some: Buffer) => {
      const said = readPlainJpeg(some)
      // What sharp can't open fails when it is decoded.
      const seen =
        said &&
        (await sharp(some)
          .metadata()
          .catch(() => undefined))
      if (said === undefined || seen === undefined) return
      if (!isDeepStrictEqual(pick(said), pick(seen))) wrong.push([pick(said), pick(seen)])
    }
    const damage = fc.asyncProperty(
      fc.nat({ max: end }),
      fc.nat({ max: 255 }),
      fc.nat({ max: end }),
      async (at, byte, cut) => {
        const damaged = Buffer.from(file)
        damaged[at] = byte
        await compare(damaged)
        await compare(damaged.subarray(0, cut))
      },
    )
    await fc.assert(damage, { numRuns: 300 })
    expect(wrong).toEqual([])
  })
})

function pick({ width, height, channels, density }: Metadata) {
  return { width, height, channels, density }
}
