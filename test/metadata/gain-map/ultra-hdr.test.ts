import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { addExifToJpeg, insertSegments, jpegSegments } from '../../../src/metadata/containers/jpeg.js'
import { appendGainMap } from '../../../src/metadata/gain-map/ultra-hdr.js'
import { writeTiff } from '../../../src/metadata/tiff-directory.js'
import { readMainXmp, readWholeXmp } from '../../../src/metadata/xmp/jpeg-xmp.js'
import { scanXml } from '../../../src/metadata/xmp/scan-xml.js'
import { make } from '../../support/pictures.js'
import { GAINS, makeCorner, makeGainXmp, makeIso, makeUltraHdr } from '../../support/ultra-hdr.js'

const base = await makeCorner(400, 300, 'red')
const gains = await makeCorner(100, 75)
const map = insertSegments(gains, [makeGainXmp(GAINS)])

const packet = (properties: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">${properties}</r:Description></r:RDF></x:xmpmeta>`
const TITLE = '<dc:title>A red corner</dc:title>'
const EXIF = writeTiff([[0x0112, 3, 1, 1]])

/** Returns how the file is divided, as its XMP and its MPF tell, and where the second JPEG begins. */
function describeParts(file: Buffer) {
  const xmp = readMainXmp(file)?.toString() ?? ''
  const [itemLength] = [...xmp.matchAll(/Item:Length="(\d+)"/g)].map(([, length]) => Number(length))
  const list = file.indexOf('MPF\0') + 4
  // Three entries of 12 bytes behind the header and a count, and no further directory.
  const entries = list + 8 + 2 + 3 * 12 + 4
  const [firstLength, firstStart, secondLength, secondStart] = [4, 8, 20, 24].map((at) =>
    file.readUInt32LE(entries + at),
  )
  return {
    itemStart: file.length - (itemLength ?? 0),
    firstLength,
    firstStart,
    secondStart: list + (secondStart ?? 0),
    secondEnd: list + (secondStart ?? 0) + (secondLength ?? 0),
  }
}

/** Expects that all descriptions of the file's parts are right. */
function expectRightParts(file: Buffer) {
  const start = file.lastIndexOf('ffd8ff', undefined, 'hex')
  expect(describeParts(file)).toEqual({
    itemStart: start,
    firstLength: start,
    firstStart: 0,
    secondStart: start,
    secondEnd: file.length,
  })
  expect([...scanXml(readMainXmp(file)?.toString() ?? '<')].map(({ type }) => type)).not.toContain('invalid')
}

describe('Ultra HDR file', () => {
  it.each([
    ['nothing else', base, {}],
    ['EXIF', addExifToJpeg(base, EXIF), {}],
    ['XMP', base, { xmp: packet(TITLE) }],
    ['a version of ISO 21496-1', base, { iso: makeIso(Buffer.alloc(4)) }],
    ['all', addExifToJpeg(base, EXIF), { xmp: packet(TITLE), iso: makeIso(Buffer.alloc(4)) }],
  ])('tells where its gain map is, with %s', async (_, jpeg, metadata) => {
    const { file, keepsXmp } = appendGainMap(jpeg, map, metadata)
    expect(keepsXmp).toBe(true)
    expectRightParts(file)
    expect((await sharp(file).metadata()).gainMap?.image.equals(map)).toBe(true)
  })

  it('lists its pictures behind EXIF and XMP', () => {
    const { file } = appendGainMap(addExifToJpeg(base, EXIF), map, {
      iso: makeIso(Buffer.alloc(4)),
    })
    const names = [...jpegSegments(file)].map(({ body }) => body.toString('latin1', 0, 4))
    expect(names.slice(0, 4)).toEqual(['Exif', 'http', 'MPF\0', 'urn:'])
  })

  it('keeps long XMP in an extension, and the description of the map in the main packet', () => {
    const long = 'long '.repeat(30_000)
    const xmp = packet(`${TITLE}<dc:source>${long}</dc:source>`)
    const { file, keepsXmp } = appendGainMap(base, map, { xmp })
    expect(keepsXmp).toBe(true)
    expectRightParts(file)
    const whole = readWholeXmp(file)?.toString() ?? ''
    expect([whole.includes(long), whole.includes(TITLE)]).toEqual([true, true])
  })

  it.each([
    ['is too long to be split', packet(TITLE).replace('r:about=""', `r:about="${'x'.repeat(70_000)}"`)],
    ['is no RDF', '<title/>'],
  ])('loses XMP that %s', (_, xmp) => {
    const { file, keepsXmp } = appendGainMap(base, map, { xmp })
    expect(keepsXmp).toBe(false)
    expectRightParts(file)
  })

  it('is made with the metadata that is kept, and read again', async () => {
    const tagged = await sharp(base)
      .withExif({ IFD0: { Artist: 'Ada' } })
      .withIccProfile('p3')
      .jpeg()
      .toBuffer()
    const source = makeUltraHdr(tagged, gains, { xmp: packet(TITLE), iso: makeIso(Buffer.alloc(4)) })
    const first = await make(source, [{ rotate: 90 }, { metadata: 'keep' }])
    const second = await make(first.data, [{ thumbnail: 200 }, { metadata: 'keep' }])
    for (const { data, info } of [first, second]) {
      expect(info.warnings).toBeUndefined()
      expectRightParts(data)
      const { icc, exif, gainMap } = await sharp(data).metadata()
      expect([icc !== undefined, exif?.includes('Ada'), data.includes(TITLE)]).toEqual([true, true, true])
      expect(readMainXmp(gainMap!.image)?.toString()).toContain('hdrgm:GainMapMax="2"')
      expect(data.includes('urn:iso:std:iso:ts:21496:-1\0')).toBe(true)
    }
  })
})
