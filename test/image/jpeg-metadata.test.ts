import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { insertSegments, makeSegment } from '../../src/metadata/containers/jpeg.js'
import { readJpegMetadata } from '../../src/image/jpeg-metadata.js'
import { cjpeg, hasTools } from '../support/jpeg-tools.js'

function paint(channels: 1 | 3 = 3, width = 33, height = 17) {
  const raw = { width, height, channels }
  return sharp(Buffer.alloc(width * height * channels, 90), { raw })
}

const JFIF = Buffer.from('ffe000104a46494600010100000100010000', 'hex')

describe('metadata of a plain JPEG', () => {
  it.each([
    ['4:2:0', paint().jpeg()],
    ['4:4:4', paint().jpeg({ chromaSubsampling: '4:4:4' })],
    ['progressive', paint().jpeg({ progressive: true })],
    ['mozjpeg', paint().jpeg({ mozjpeg: true })],
    ['grey', paint(1).toColourspace('b-w').jpeg()],
    ['a profile', paint().withIccProfile('p3').jpeg()],
    ['a profile and EXIF', sharp('fixtures/photos/landscape.jpg').withIccProfile('p3').keepExif().jpeg()],
  ])('equals that of sharp: %s', async (_, picture) => {
    const file = await picture.toBuffer()
    expect(readJpegMetadata(file)).toEqual(await sharp(file).metadata())
  })

  it.each([
    [0, 1, 1],
    [0, 300, 300],
    [1, 72, 72],
    [1, 300, 300],
    [1, 96, 120],
  ])('equals that of sharp for JFIF density: unit %d, %d x %d', async (unit, across, down) => {
    const plain = await paint().jpeg().toBuffer()
    const file = Buffer.concat([plain.subarray(0, 2), JFIF, plain.subarray(2)])
    file[13] = unit
    file.writeUInt16BE(across, 14)
    file.writeUInt16BE(down, 16)
    expect(readJpegMetadata(file)).toEqual(await sharp(file).metadata())
  })

  it.skipIf(!hasTools)('equals that of sharp for 4:2:2 (skipped without libjpeg-turbo-progs)', async () => {
    const file = await cjpeg(await paint().png().toBuffer(), '-sample', '2x1')
    expect(readJpegMetadata(file)).toEqual(await sharp(file).metadata())
  })

  it.each([
    ['written by sharp', (image: Sharp) => image.withExif({ IFD0: { Artist: 'me' } })],
    ['with an orientation', (image: Sharp) => image.withExif({ IFD0: { Orientation: '6' } })],
    ['of a camera', (image: Sharp) => image.keepExif()],
  ])('equals that of sharp for EXIF %s', async (_, change) => {
    const file = await change(sharp('fixtures/photos/landscape.jpg')).jpeg().toBuffer()
    expect(readJpegMetadata(file)).toEqual(await sharp(file).metadata())
  })

  it('equals that of sharp, or is left to sharp, for any EXIF', async () => {
    const plain = await paint().jpeg().toBuffer()
    const entries = fc.uniqueArray(anyEntry, { maxLength: 6, selector: ([tag]) => tag })
    let read = 0
    await fc.assert(
      fc.asyncProperty(entries, fc.boolean(), fc.boolean(), async (entries, little, isFirst) => {
        const segments = [writeExif(entries, little), JFIF]
        const file = Buffer.concat([
          plain.subarray(0, 2),
          ...(isFirst ? segments : segments.toReversed()),
          plain.subarray(2),
        ])
        const metadata = readJpegMetadata(file)
        if (metadata === undefined) return
        read++
        expect(metadata).toEqual(await sharp(file).metadata())
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 2000) },
    )
    expect(read).toBeGreaterThan(0)
  })

  it.each([
    ['XMP', paint().withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>').jpeg()],
    ['CMYK', paint().toColourspace('cmyk').jpeg()],
    ['another format', paint().png()],
  ])('is left to sharp for a file with %s', async (_, picture) => {
    expect(readJpegMetadata(await picture.toBuffer())).toBeUndefined()
  })

  it('equals that of sharp, or is left to sharp, for any parts of a profile', async () => {
    const plain = await paint().jpeg().toBuffer()
    const { icc } = await sharp(await paint().withIccProfile('p3').jpeg().toBuffer()).metadata()
    let read = 0
    const part = fc.record({
      bytes: fc.oneof(fc.constant(icc!), fc.uint8Array({ maxLength: 40 })),
      number: fc.option(fc.nat(4)),
      count: fc.option(fc.nat(4)),
      name: fc.constantFrom('ICC_PROFILE\0', 'ICC_PROFILE\0', 'ICC_PROFILE\0', 'ICC_PROFILE ', 'MPF\0'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 4 }), fc.constantFrom(0, 70), async (parts, more) => {
        const all = [...parts, ...Array.from({ length: parts.length === 1 ? more : 0 }, () => parts[0]!)]
        const segments = all.map(({ bytes, number, count, name }, index) =>
          makeSegment(
            0xe2,
            Buffer.from(name),
            Buffer.from([number ?? index + 1, count ?? all.length]),
            bytes,
          ),
        )
        const file = insertSegments(plain, segments)
        const metadata = readJpegMetadata(file)
        if (metadata === undefined) return
        read++
        expect(metadata).toEqual(await sharp(file).metadata())
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 500) },
    )
    expect(read).toBeGreaterThan(0)
  })

  it('is left to sharp for a file with a comment, or components with other numbers', async () => {
    const file = await paint().jpeg().toBuffer()
    const comment = Buffer.from([0xff, 0xfe, 0, 4, 0x68, 0x69])
    expect(readJpegMetadata(Buffer.concat([file.subarray(0, 2), comment, file.subarray(2)]))).toBeUndefined()
    file[file.indexOf(Buffer.from('ffc0', 'hex')) + 10] = 'R'.charCodeAt(0)
    expect(readJpegMetadata(file)).toBeUndefined()
  })

  it('equals that of sharp, or is left to sharp, for any damaged header', async () => {
    const file = await paint()
      .withExif({ IFD0: { Artist: 'me' } })
      .withDensity(150)
      .jpeg()
      .toBuffer()
    expect(readJpegMetadata(file)).toBeDefined()
    const end = file.indexOf(Buffer.from([0xff, 0xda])) + 14
    const wrong: unknown[] = []
    const compare = async (some: Buffer) => {
      const actual = readJpegMetadata(some)
      // A file that sharp can't open fails later, when it is decoded.
      const expected =
        actual &&
        (await sharp(some)
          .metadata()
          .catch(() => undefined))
      if (actual === undefined || expected === undefined) return
      if (!isDeepStrictEqual(pick(actual), pick(expected))) wrong.push([pick(actual), pick(expected)])
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
    await fc.assert(damage, { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 500) })
    expect(wrong).toEqual([])
  })
})

function pick({ width, height, channels, density, resolutionUnit, orientation, autoOrient }: Metadata) {
  return { width, height, channels, density, resolutionUnit, orientation, autoOrient }
}

type Entry = readonly [tag: number, type: number, count: number, value: readonly number[]]

/** Generates entries that are read and others, most of them valid. */
const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc.tuple(fc.constant(0x112), fc.constantFrom(3, 3, 3, 4), fc.constant(1), fc.tuple(fc.nat(9))),
  fc.tuple(
    fc.constantFrom(0x11a, 0x11b),
    fc.constant(5),
    fc.constantFrom(1, 1, 1, 2),
    fc.tuple(fc.constantFrom(0, 1, 72, 300, 2835, 72_000, 5_000_000), fc.constantFrom(0, 1, 1, 10, 1000)),
  ),
  fc.tuple(
    fc.constant(0x128),
    fc.constantFrom(3, 3, 3, 1),
    fc.constant(1),
    fc.tuple(fc.constantFrom(1, 2, 2, 2, 3, 9)),
  ),
  fc.tuple(
    fc.constantFrom(0x10f, 0x132, 0x8769, 0x9c9b),
    fc.nat(13),
    fc.nat(9),
    fc.tuple(fc.nat(0xffff), fc.nat(0xffff)),
  ),
)

/** Returns an APP1 segment of EXIF. */
function writeExif(entries: readonly Entry[], little: boolean): Buffer {
  const start = 8 + 2 + entries.length * 12 + 4
  const tiff = Buffer.alloc(start + entries.length * 8)
  const write16 = (value: number, at: number) =>
    little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at)
  const write32 = (value: number, at: number) =>
    little ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at)
  tiff.write(little ? 'II' : 'MM', 'latin1')
  write16(42, 2)
  write32(8, 4)
  write16(entries.length, 8)
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const [at, place] = [10 + index * 12, start + index * 8]
    write16(tag, at)
    write16(type, at + 2)
    write32(count, at + 4)
    if (type === 3) write16(value[0]!, at + 8)
    else write32(value.length === 1 ? value[0]! : place, at + 8)
    value.forEach((number, part) => write32(number, place + part * 4))
  }
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(8 + tiff.length, 2)
  return Buffer.concat([head, Buffer.from('Exif\0\0'), tiff])
}
