import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { gps } from '../../src/analyzers/builtin/gps.js'
import { metadata as cameraMetadata } from '../../src/analyzers/builtin/metadata.js'
import { addToTiff } from '../../src/metadata/containers/tiff.js'
import { addExifToJpeg, insertSegments } from '../../src/metadata/containers/jpeg.js'
import { openExif } from '../../src/metadata/exif-reader.js'
import { readTiffExif } from '../../src/metadata/exif/tiff-exif.js'
import { addExifToPng } from '../../src/metadata/png/chunks.js'
import { writeExif } from '../../src/metadata/exif/write-exif.js'
import type { FormatType } from '../../src/operations/settings/format.js'
import type { OpInputs } from '../../src/operations/image-op.generated.js'
import { find } from '../analyzers/find.js'
import { makeIptcSegment } from '../support/iptc.js'
import { make } from '../support/pictures.js'
import { entry, makeExif, rational, short, text } from '../../torture/grammar/exif.js'

const MAKE = 0x010f
const ARTIST = 0x013b
const COPYRIGHT = 0x8298
const TAKEN = 0x9003
const MAKER_NOTE = 0x927c
const LATITUDE = 2
const STRIP_OFFSETS = 0x0111
const WIDTH = 0xa002

/** EXIF of a photo; its latitude is 48 degrees and 30 minutes. */
function photoExif(littleEndian: boolean, isJpeg = false) {
  return makeExif(littleEndian, {
    image: [
      text(MAKE, 'Acme'),
      text(ARTIST, 'Ann Lee'),
      text(COPYRIGHT, '(c) Ann'),
      // Tags about pixels that no output may take from its source.
      ...(isJpeg ? [short(littleEndian, 0x0106, [6]), short(littleEndian, STRIP_OFFSETS, [8])] : []),
    ],
    photo: [
      text(TAKEN, '2020:01:02 03:04:05'),
      entry(MAKER_NOTE, 7, Buffer.from('whole picture')),
      short(littleEndian, WIDTH, [80]),
    ],
    gps: [
      text(1, 'N'),
      rational(littleEndian, LATITUDE, [
        [48, 1],
        [30, 1],
        [0, 1],
      ]),
      text(3, 'E'),
      rational(littleEndian, 4, [
        [9, 1],
        [6, 1],
        [0, 1],
      ]),
    ],
  })
}

const picture = () => sharp({ create: { width: 80, height: 60, channels: 3, background: '#c86432' } })

const SOURCES: readonly [string, () => Promise<Buffer>][] = [
  ['TIFF', async () => addToTiff(await picture().tiff().toBuffer(), { exif: photoExif(true) })],
  ['big-endian TIFF', async () => addToTiff(bigEndianTiff(), { exif: photoExif(true) })],
  [
    'BigTIFF',
    async () => addToTiff(await picture().tiff({ bigtiff: true }).toBuffer(), { exif: photoExif(false) }),
  ],
  ['JPEG', async () => addExifToJpeg(await picture().jpeg().toBuffer(), writeExif(photoExif(true, true)))],
  [
    'JPEG with big-endian EXIF',
    async () => addExifToJpeg(await picture().jpeg().toBuffer(), writeExif(photoExif(false, true))),
  ],
]

/** Returns a grey TIFF of 80x60 pixels. */
function bigEndianTiff(): Buffer {
  const { image } = makeExif(false, {
    image: [
      short(false, 256, [80]),
      short(false, 257, [60]),
      short(false, 258, [8]),
      short(false, 259, [1]),
      short(false, 262, [1]),
      short(false, STRIP_OFFSETS, [8]),
      short(false, 278, [60]),
      short(false, 279, [4800]),
    ],
  })
  const header = Buffer.from('MM\0*\0\0\0\0', 'latin1')
  header.writeUInt32BE(8 + 4800, 4)
  const directory = writeExif({ littleEndian: false, image, photo: [], gps: [] })
  return Buffer.concat([header, Buffer.alloc(4800, 128), directory.subarray(8)])
}

/** Returns the EXIF of an output, which for a TIFF is in the file itself. */
async function exifOf(file: Buffer) {
  const { exif, format } = await sharp(file).metadata()
  return openExif(format === 'tiff' ? readTiffExif(file, 1) : exif)
}

async function keptFrom(source: Buffer, keep: OpInputs['metadata'], type: FormatType) {
  const { data } = await make(source, [{ resize: 40 }, { metadata: keep }, { format: type }])
  const exif = await exifOf(data)
  return {
    make: exif?.image.text(MAKE),
    artist: exif?.image.text(ARTIST),
    copyright: exif?.image.text(COPYRIGHT),
    taken: exif?.photo.text(TAKEN),
    latitude: exif?.gps.numbers(LATITUDE),
    width: exif?.photo.numbers(WIDTH),
    note: data.includes('whole picture'),
  }
}

const NOTHING = { make: undefined, artist: undefined, copyright: undefined, taken: undefined, note: false }
const AUTHOR = { artist: 'Ann Lee', copyright: '(c) Ann' }

describe.each(SOURCES)('EXIF of a %s', (_, source) => {
  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)('is kept part by part in %s', async (type) => {
    const file = await source()
    const camera = { ...AUTHOR, make: 'Acme', taken: '2020:01:02 03:04:05', width: [40], note: false }
    expect(await keptFrom(file, 'keep', type)).toEqual({ ...camera, latitude: [48, 30, 0] })
    expect(await keptFrom(file, 'exif', type)).toEqual({ ...camera, latitude: [] })
    expect(await keptFrom(file, 'copyright', type)).toMatchObject({ ...NOTHING, ...AUTHOR })
    expect(await keptFrom(file, 'gps', type)).toMatchObject({ ...NOTHING, latitude: [48, 30, 0] })
    expect(await keptFrom(file, 'strip', type)).toMatchObject(NOTHING)
  })

  it('is read by the analyzers', async () => {
    const file = await source()
    expect(await find(gps, file)).toEqual({ latitude: 48.5, longitude: 9.1 })
    expect(await find(cameraMetadata, file)).toMatchObject({
      make: 'Acme',
      ...AUTHOR,
      taken: '2020-01-02T03:04:05',
    })
  })

  it('takes no pixels of the output with it', async () => {
    for (const type of ['tiff', 'png', 'webp'] as const) {
      const ops = [{ format: type === 'webp' ? { type, lossless: true } : type }] as const
      const [plain, kept] = await Promise.all([
        make(await source(), [...ops]),
        make(await source(), [...ops, { metadata: 'keep' }]),
      ])
      expect(await sharp(kept.data).raw().toBuffer()).toEqual(await sharp(plain.data).raw().toBuffer())
    }
  })
})

describe('EXIF of a picture with alpha', () => {
  it.each(['png', 'webp', 'avif', 'tiff'] as const)('is kept in %s with the alpha', async (type) => {
    const file = await sharp({
      create: { width: 30, height: 20, channels: 4, background: { r: 200, g: 0, b: 30, alpha: 0.5 } },
    })
      .webp({ lossless: true })
      .withExif({ IFD0: { Artist: 'Ann Lee' } })
      .toBuffer()
    const { data } = await make(file, [{ metadata: 'copyright' }, { format: type }])
    const { data: pixels, info } = await sharp(data).raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height, info.channels]).toEqual([30, 20, 4])
    expect(Math.abs(pixels[3]! - 128)).toBeLessThan(4)
    expect((await exifOf(data))?.image.text(ARTIST)).toBe('Ann Lee')
  })
})

describe('EXIF behind the pixels of a PNG', () => {
  it('is kept, but turns nothing, as in Chromium', async () => {
    const before = addExifToPng(await picture().png().toBuffer(), writeExif(turnedExif()))
    const start = before.indexOf('eXIf') - 4
    const end = start + 12 + before.readUInt32BE(start)
    const behind = before.length - 12
    const late = Buffer.concat([
      before.subarray(0, start),
      before.subarray(end, behind),
      before.subarray(start, end),
      before.subarray(behind),
    ])
    for (const [source, size] of [
      [before, '60x80'],
      [late, '80x60'],
    ] as const) {
      const { data, info } = await make(source, [{ metadata: 'keep' }])
      const exif = await exifOf(data)
      expect([`${info.width}x${info.height}`, exif?.image.text(ARTIST)]).toEqual([size, 'Ann Lee'])
      expect(exif?.image.numbers(0x0112)).toEqual([1])
    }
  })
})

/** EXIF with orientation 6. */
function turnedExif() {
  return makeExif(true, { image: [text(ARTIST, 'Ann Lee'), short(true, 0x0112, [6])] })
}

describe('a GIF', () => {
  it('says that it has no place for EXIF, and keeps XMP', async () => {
    const warning = 'A GIF has no place for EXIF, so it was left out.'
    const withExif = addExifToJpeg(await picture().jpeg().toBuffer(), writeExif(photoExif(true)))
    const withXmp = await picture().withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>').png().toBuffer()
    const warningsOf = async (source: Buffer, metadata: OpInputs['metadata']) =>
      (await make(source, [{ metadata }, { format: 'gif' }])).info.warnings
    expect(await warningsOf(withExif, 'keep')).toEqual([warning])
    expect(await warningsOf(withXmp, 'xmp')).toBeUndefined()
    expect(await warningsOf(withExif, 'xmp')).toBeUndefined()
    expect(await warningsOf(await picture().png().toBuffer(), 'keep')).toBeUndefined()
  })
})

describe('damaged EXIF', () => {
  const jpegWith = async (block: Buffer) => addExifToJpeg(await picture().jpeg().toBuffer(), block)

  it('is kept as far as its entries can be read', async () => {
    const block = writeExif(photoExif(true))
    // The thumbnail's directory and the GPS directory point into other values.
    block.writeUInt32LE(block.indexOf('2020:01:02'), block.length - 4)
    const pointer = block.indexOf(Buffer.from([0x25, 0x88, 4, 0, 1, 0, 0, 0])) + 8
    block.writeUInt32LE(block.indexOf('Acme') - 1, pointer)
    const { data, info } = await make(await jpegWith(block), [{ resize: 40 }, { metadata: 'keep' }])
    const exif = await exifOf(data)
    expect([exif?.image.text(ARTIST), exif?.photo.text(TAKEN)]).toEqual(['Ann Lee', '2020:01:02 03:04:05'])
    expect(info.warnings).toBeUndefined()
  })

  it('is left out with a warning if nothing of it can be read', async () => {
    const { data, info } = await make(await jpegWith(Buffer.from('nonsense, nonsense')), [
      { resize: 40 },
      { metadata: 'keep' },
    ])
    expect((await sharp(data).metadata()).exif).toBeUndefined()
    expect(info).toMatchObject({ width: 40, warnings: ['The EXIF is damaged and was left out.'] })
  })

  it('loses its longest values if it does not fit into a JPEG', async () => {
    const long = makeExif(true, { image: [text(ARTIST, 'Ann Lee'), text(0x010e, 'x'.repeat(70_000))] })
    const source = addToTiff(await picture().tiff().toBuffer(), { exif: long })
    const { data, info } = await make(source, [{ metadata: 'keep' }, { format: 'jpeg' }])
    expect((await exifOf(data))?.image.text(ARTIST)).toBe('Ann Lee')
    expect(info.warnings).toEqual([expect.stringContaining('longer than 4096 bytes')])
    const png = await make(source, [{ metadata: 'keep' }, { format: 'png' }])
    expect((await exifOf(png.data))?.image.text(0x010e)).toHaveLength(70_000)
  })
})

describe('author and copyright that EXIF lacks', () => {
  const XMP =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:q="http://purl.org/dc/elements/1.1/"><q:creator><rdf:Seq><rdf:li>Ann &amp; Söhne</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></q:creator><q:rights><rdf:Alt><rdf:li xml:lang="x-default">(c) Ann</rdf:li><rdf:li xml:lang="de">(c) Anna</rdf:li></rdf:Alt></q:rights></rdf:Description></rdf:RDF></x:xmpmeta>'

  const iptcSegment = (artist: string, copyright: string) => makeIptcSegment([80, artist], [116, copyright])

  async function creditOf(source: Buffer, keep: OpInputs['metadata']) {
    const { data } = await make(source, [{ resize: 40 }, { metadata: keep }])
    const exif = await exifOf(data)
    return [exif?.image.text(ARTIST), exif?.image.text(COPYRIGHT)]
  }

  it('are taken from XMP, then from IPTC', async () => {
    const iptc = insertSegments(await picture().jpeg().toBuffer(), [iptcSegment('Eve Ipsum', '(c) Eve')])
    const xmp = await picture().withXmp(XMP).jpeg().toBuffer()
    expect(await creditOf(iptc, 'copyright')).toEqual(['Eve Ipsum', '(c) Eve'])
    expect(await creditOf(iptc, 'keep')).toEqual(['Eve Ipsum', '(c) Eve'])
    expect(await creditOf(xmp, 'copyright')).toEqual(['Ann & Söhne; Bob', '(c) Ann'])
    expect(await creditOf(insertSegments(xmp, [iptcSegment('Eve Ipsum', '(c) Eve')]), 'copyright')).toEqual([
      'Ann & Söhne; Bob',
      '(c) Ann',
    ])
    for (const keep of ['strip', 'exif'] as const)
      expect(await creditOf(iptc, keep)).toEqual([undefined, undefined])
  })

  it('do not replace those of the EXIF', async () => {
    const xmp = addExifToJpeg(await picture().withXmp(XMP).jpeg().toBuffer(), writeExif(photoExif(true)))
    expect(await creditOf(xmp, 'copyright')).toEqual(['Ann Lee', '(c) Ann'])
  })
})

describe('comments, text chunks and IPTC', () => {
  it('are never kept', async () => {
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 16]), Buffer.from('remark remark ')])
    const jpeg = insertSegments(await picture().jpeg().toBuffer(), [comment])
    const png = await picture().png().withMetadata().toBuffer()
    const text = Buffer.concat([Buffer.from('tEXt'), Buffer.from('Comment\0remark')])
    const chunk = Buffer.alloc(text.length + 8)
    chunk.writeUInt32BE(text.length - 4)
    text.copy(chunk, 4)
    chunk.writeUInt32BE(crc32(text), text.length + 4)
    const withText = Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)])
    for (const source of [jpeg, withText]) {
      expect(source.includes('remark')).toBe(true)
      for (const type of ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const) {
        const { data } = await make(source, [{ metadata: 'keep' }, { format: type }])
        expect(data.includes('remark'), type).toBe(false)
      }
    }
  })
})
