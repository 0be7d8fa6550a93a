import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/image/output-formats.js'
import type { FormatType } from '../../src/operations/settings/format.js'
import type { OpInputs } from '../../src/operations/image-op.generated.js'
import { hasExifTool, NEEDS_EXIFTOOL, readTags, writeTags } from '../support/exiftool.js'
import { fixture, make } from '../support/pictures.js'

const TYPES = Object.keys(FORMATS) as FormatType[]
type Values = Exclude<OpInputs['write'], string>

/** Tags of each value, by the part of the file. */
function expectedTags(
  type: FormatType,
  { artist, copyright, description, credit, altText, density }: Values,
) {
  const artists = artist?.split('; ')
  const creators = artists?.length === 1 ? artists[0] : artists
  const exif = {
    'IFD0:Artist': artist,
    'IFD0:Copyright': copyright,
    'IFD0:ImageDescription': description,
    'IFD0:XResolution': density,
    'IFD0:YResolution': density,
    'IFD0:ResolutionUnit': density === undefined ? undefined : 2,
  }
  const xmp = {
    'XMP-dc:Creator': creators,
    'XMP-dc:Rights': copyright,
    'XMP-dc:Description': description,
    'XMP-photoshop:Credit': credit,
    'XMP-iptcCore:AltTextAccessibility': altText,
    'XMP-tiff:XResolution': density,
    'XMP-tiff:YResolution': density,
  }
  const iptc = {
    'IPTC:By-line': creators,
    'IPTC:CopyrightNotice': copyright,
    'IPTC:Caption-Abstract': description,
    'IPTC:Credit': credit,
  }
  const tags = {
    ...xmp,
    ...(type !== 'gif' && exif),
    ...((type === 'jpeg' || type === 'tiff') && iptc),
    ...(type === 'png' &&
      density !== undefined && { 'PNG-pHYs:PixelsPerUnitX': Math.round(density / 0.0254) }),
  }
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== undefined))
}

const ALL: Values = {
  artist: 'Ann Lee; Bo Åkesson',
  copyright: '© 2026 Ann <Lee> & "Co"',
  description: 'Größe und 日本',
  credit: 'Agentur Ü',
  altText: 'A house by a lake — 🏠',
  density: 300,
}

/** Returns a photo whose EXIF, XMP and IPTC have other values, and one of each kind that `write` leaves alone. */
async function otherPhoto(): Promise<Buffer> {
  return writeTags(await fixture('photos/landscape.jpg'), [
    'IFD0:Artist=Old',
    'IFD0:Copyright=Old',
    'IFD0:ImageDescription=Old',
    'IFD0:XPAuthor=Old',
    'IFD0:XResolution=96',
    'IFD0:Make=Acme',
    'XMP-dc:Creator=Old',
    'XMP-dc:Rights=Old',
    'XMP-dc:Rights-de=Old in German',
    'XMP-dc:Description=Old',
    'XMP-tiff:Artist=Old',
    'XMP-photoshop:Credit=Old',
    'XMP-iptcCore:AltTextAccessibility=Old',
    'XMP-dc:Title=Kept title',
    'IPTC:By-line=Old',
    'IPTC:CopyrightNotice=Old',
    'IPTC:Caption-Abstract=Old',
    'IPTC:Credit=Old',
    'IPTC:Headline=Kept headline',
  ])
}

describe.skipIf(!hasExifTool)(`write${NEEDS_EXIFTOOL}`, () => {
  it.each(TYPES)('is read back by ExifTool from %s', async (type) => {
    const { data, info } = await make(await fixture('photos/landscape.jpg'), [
      { thumbnail: 60 },
      { format: type },
      { write: ALL },
    ])
    const [tags] = await readTags([data])
    expect(tags).toMatchObject(expectedTags(type, ALL))
    expect(tags).not.toHaveProperty('ExifTool:Warning')
    expect(info.warnings).toBeUndefined()
  })

  it.each(TYPES)('replaces the values of the source in %s, and nothing else', async (type) => {
    const { data } = await make(await otherPhoto(), [
      { thumbnail: 60 },
      { format: type },
      { metadata: 'keep' },
      { write: ALL },
    ])
    const [tags] = await readTags([data])
    expect(tags).toMatchObject({
      ...expectedTags(type, ALL),
      'XMP-dc:Title': 'Kept title',
      ...(type !== 'gif' && { 'IFD0:Make': 'Acme' }),
      ...((type === 'jpeg' || type === 'tiff') && { 'IPTC:Headline': 'Kept headline' }),
    })
    expect(Object.entries(tags!).filter(([, value]) => String(value).startsWith('Old'))).toEqual([])
  })

  it('reads back any texts, from any format', { timeout: 120_000 }, async () => {
    // ExifTool trims texts, and splits authors at semicolons.
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .map((value) => `t${value.replace(/[;\s\p{Cc}\p{Cf}]/gu, '').normalize()}`)
    const values = fc.record(
      {
        artist: text,
        copyright: text,
        description: text,
        credit: text,
        altText: text,
        density: fc.integer({ min: 1, max: 10_000 }),
      },
      { requiredKeys: ['copyright'] },
    )
    await fc.assert(
      fc.asyncProperty(values, async (written) => {
        const source = await fixture('photos/landscape.jpg')
        const outputs = await Promise.all(
          TYPES.map((format) => make(source, [{ thumbnail: 30 }, { format }, { write: written }])),
        )
        const tags = await readTags(outputs.map(({ data }) => data))
        for (const [index, type] of TYPES.entries()) {
          const wanted = expectedTags(type, written)
          // ExifTool turns texts that look like numbers into numbers.
          const found = Object.fromEntries(Object.keys(wanted).map((tag) => [tag, tags[index]![tag]]))
          expect(found).toEqual(wanted)
        }
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 6) },
    )
  })

  it('is also in an animation', async () => {
    const { data, info } = await make(await fixture('photos/animated.gif'), [
      { format: 'webp' },
      { write: ALL },
    ])
    const [tags] = await readTags([data])
    expect(info.pages).toBe(6)
    expect(tags).toMatchObject(expectedTags('webp', ALL))
  })

  it('says that IPTC cuts a long name off, which EXIF and XMP hold whole', async () => {
    const artist = 'Ä'.repeat(40)
    const { data, info } = await make(await fixture('photos/landscape.jpg'), [
      { thumbnail: 30 },
      { write: { artist } },
    ])
    const [tags] = await readTags([data])
    expect(tags).toMatchObject({
      'IFD0:Artist': artist,
      'XMP-dc:Creator': artist,
      'IPTC:By-line': 'Ä'.repeat(16),
    })
    expect(info.warnings).toEqual([
      'A text is longer than IPTC allows and was cut off there. EXIF and XMP have all of it.',
    ])
  })
})

describe('write', () => {
  it('changes no pixel', async () => {
    const source = await fixture('photos/landscape.jpg')
    for (const type of ['jpeg', 'png', 'webp', 'tiff', 'gif'] as const) {
      const [plain, written] = await Promise.all([
        make(source, [{ thumbnail: 60 }, { format: type }]),
        make(source, [{ thumbnail: 60 }, { format: type }, { write: ALL }]),
      ])
      expect(await sharp(written.data).raw().toBuffer()).toEqual(await sharp(plain.data).raw().toBuffer())
    }
  })

  it('does not keep the source instead of the output that is larger', async () => {
    const source = await sharp(await fixture('photos/landscape.jpg'))
      .resize(60)
      .jpeg({ quality: 20 })
      .toBuffer()
    const { data } = await make(source, [
      { format: { type: 'jpeg', quality: 90, neverGrow: true } },
      { write: ALL },
    ])
    expect(data.includes('Ann &lt;Lee&gt;')).toBe(true)
  })
})
