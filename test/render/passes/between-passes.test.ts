import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp, OpInputs } from '../../../src/operations/image-op.generated.js'
import { readExif } from '../../support/exif.js'
import { fixture, make } from '../../support/pictures.js'
import { ADOBE_RGB, makeRgbProfile } from '../../support/profiles.js'
import { makeTiff } from '../../support/tiff.js'

const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="r"/></x:xmpmeta>'
const passes: [name: string, ops: ImageOp[]][] = [
  ['no operation', []],
  ['one pass', [{ resize: 60 }]],
  ['several passes', [{ blur: 1 }, { resize: 60 }, { rotate: 90 }, { blur: 1 }]],
]

/** Creates a CMYK photo whose EXIF has a GPS position and a thumbnail. */
async function makeCmyk(): Promise<Buffer> {
  const cmyk = await sharp(await fixture('photos/landscape.jpg'))
    .resize(120)
    .toColourspace('cmyk')
    .withIccProfile('cmyk')
    .keepExif()
    .withXmp(XMP)
    .jpeg()
    .toBuffer()
  expect((await readExif(cmyk))?.tags).toMatchObject({ Artist: 'Ada Example' })
  return cmyk
}

/** Creates a 16-bit picture in Adobe RGB with the same tags and EXIF orientation 6. */
async function make16Bit(): Promise<Buffer> {
  const { icc } = makeRgbProfile(ADOBE_RGB, 563 / 256)
  const data = Uint16Array.from({ length: 120 * 80 * 3 }, (_, at) => (at * 37) % 65536)
  const tiff = await sharp(makeTiff({ width: 120, height: 80, channels: 3, data }, icc))
    .keepIccProfile()
    .withXmp(XMP)
    .withExif({
      IFD0: { Artist: 'Ada Example', Make: 'Imgproc Works', Copyright: '(c) 2026 Ada Example' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '41/1 53/1 0/1' },
    })
    .toColourspace('rgb16')
    .withMetadata({ orientation: 6 })
    .keepIccProfile()
    .png()
    .toBuffer()
  return tiff
}

describe.each(passes)('metadata through %s', (_, ops) => {
  const tagsAfter = async (source: Buffer, metadata: OpInputs['metadata'], format: OpInputs['format']) => {
    const { data } = await make(source, [...ops, { metadata }, { format }])
    return { ...(await readExif(data)), ...(await sharp(data).metadata()) }
  }

  it('keeps the EXIF and XMP of CMYK, and only the listed groups', async () => {
    const source = await makeCmyk()
    const all = await tagsAfter(source, 'keep', 'jpeg')
    expect([all.space, all.xmp?.toString(), all.thumbnail]).toEqual(['cmyk', XMP, 0])
    expect(all.tags).toMatchObject({ Artist: 'Ada Example', Make: 'Imgproc Works', GPS: expect.any(Number) })
    expect(all.tags).toMatchObject({ DateTimeOriginal: '2026:06:21 09:30:00' })
    const some = await tagsAfter(source, ['icc', 'exif'], 'jpeg')
    expect([some.space, some.tags?.['Make'], some.tags?.['GPS']]).toEqual([
      'cmyk',
      'Imgproc Works',
      undefined,
    ])
    const copyright = await tagsAfter(source, ['icc', 'copyright'], 'jpeg')
    expect([copyright.tags?.['Artist'], copyright.tags?.['Make']]).toEqual(['Ada Example', undefined])
    expect((await tagsAfter(source, 'icc', 'jpeg')).block).toBeUndefined()
    expect((await tagsAfter(source, 'keep', 'tiff')).xmp?.toString()).toBe(XMP)
  })

  it('writes the EXIF of CMYK once and counts it in info.bytes, with maxBytes too', async () => {
    const source = await makeCmyk()
    const list: ImageOp[] = [...ops, { metadata: 'keep' }, { format: { type: 'jpeg', maxBytes: '1MB' } }]
    const { data, info } = await make(source, list)
    expect((await readExif(data))?.tags).toMatchObject({ Artist: 'Ada Example' })
    expect(data.indexOf('Exif\0\0')).toBe(data.lastIndexOf('Exif\0\0'))
    expect(info.bytes).toBe(data.length)
  })

  it('keeps the EXIF of converted 16-bit pictures, and turns them once', async () => {
    const source = await make16Bit()
    const upright = (await make(source, [...ops, { format: 'png' }])).info
    for (const format of ['png', 'avif', 'jpeg'] as const) {
      const made = await tagsAfter(source, ['exif', 'gps', 'copyright'], format)
      expect(made.tags, format).toMatchObject({ Artist: 'Ada Example', Make: 'Imgproc Works' })
      expect([made.icc, made.orientation ?? 1], format).toEqual([undefined, 1])
      expect([made.width, made.height]).toEqual([upright.width, upright.height])
    }
    const some = await tagsAfter(source, 'copyright', 'png')
    expect([some.tags?.['Artist'], some.tags?.['Make']]).toEqual(['Ada Example', undefined])
    const stored = await make(source, [
      ...ops,
      { autoOrient: false },
      { metadata: 'exif' },
      { format: 'png' },
    ])
    expect((await sharp(stored.data).metadata()).orientation).toBe(6)
  })

  it('keeps the density with the EXIF in formats that store it', async () => {
    const photo = sharp(await fixture('photos/landscape.jpg'))
      .resize(120)
      .withDensity(300)
    for (const source of [await photo.clone().jpeg().toBuffer(), await photo.clone().png().toBuffer()]) {
      for (const format of ['jpeg', 'png', 'tiff'] as const) {
        expect((await tagsAfter(source, 'keep', format)).density, format).toBe(300)
      }
    }
  })
})
