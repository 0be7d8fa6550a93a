import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { hasExifTool, NEEDS_EXIFTOOL, readTags, writeTags, type Tags } from '../support/exiftool.js'
import { make } from '../support/pictures.js'

const PARTS = ['icc', 'exif', 'copyright', 'gps', 'xmp', 'iptc', 'gainmap'] as const
type Part = (typeof PARTS)[number]

const EXIF = (parts: ReadonlySet<Part>) => parts.has('exif')
const EXIF_CREDIT = (parts: ReadonlySet<Part>) => parts.has('exif') || parts.has('copyright')
const GPS = (parts: ReadonlySet<Part>) => parts.has('gps')
const XMP = (parts: ReadonlySet<Part>) => parts.has('xmp')
const XMP_CREDIT = (parts: ReadonlySet<Part>) => parts.has('xmp') || parts.has('copyright')
const XMP_GPS = (parts: ReadonlySet<Part>) => parts.has('xmp') && parts.has('gps')
const IPTC = (parts: ReadonlySet<Part>) => parts.has('iptc')
const IPTC_CREDIT = (parts: ReadonlySet<Part>) => parts.has('iptc') || parts.has('copyright')
const NEVER = () => false

/** Tags of the sources: the value that ExifTool writes, and the parts of the policy that keep it. */
const TAGS: readonly (readonly [
  tag: string,
  value: string,
  isKept: (parts: ReadonlySet<Part>) => boolean,
])[] = [
  ['IFD0:ImageDescription', 'Größe', EXIF],
  ['IFD0:Make', 'Acme', EXIF],
  ['IFD0:Model', 'A1', EXIF],
  ['IFD0:Software', 'Darkroom 2', EXIF],
  ['IFD0:ModifyDate', '2024:01:02 03:04:05', EXIF],
  ['IFD0:XPTitle', 'Titel', EXIF],
  ['IFD0:Artist', 'Ann Lee', EXIF_CREDIT],
  ['IFD0:Copyright', '(c) Ann', EXIF_CREDIT],
  ['ExifIFD:DateTimeOriginal', '2023:01:02 03:04:05', EXIF],
  ['ExifIFD:ExposureTime', '0.01', EXIF],
  ['ExifIFD:FNumber', '4', EXIF],
  ['ExifIFD:ISO', '200', EXIF],
  ['ExifIFD:FocalLength', '35', EXIF],
  ['ExifIFD:LensModel', 'Lens 35', EXIF],
  ['ExifIFD:UserComment', 'said', EXIF],
  ['ExifIFD:SubjectArea', '10 10 5 5', NEVER],
  ['GPS:GPSLatitudeRef', 'N', GPS],
  ['GPS:GPSLatitude', '48.5', GPS],
  ['GPS:GPSLongitudeRef', 'E', GPS],
  ['GPS:GPSLongitude', '9.1', GPS],
  ['GPS:GPSAltitude', '300', GPS],
  ['XMP-dc:Title', 'Title', XMP],
  ['XMP-dc:Description', 'Said in XMP', XMP],
  ['XMP-dc:Subject', 'lake', XMP],
  ['XMP-dc:Creator', 'Ann Lee', XMP_CREDIT],
  ['XMP-dc:Rights', '(c) Ann', XMP_CREDIT],
  ['XMP-photoshop:Headline', 'Head', XMP],
  ['XMP-photoshop:City', 'Ulm', XMP],
  ['XMP-photoshop:Credit', 'Agency', XMP_CREDIT],
  ['XMP-photoshop:Source', 'Archive', XMP_CREDIT],
  ['XMP-photoshop:History', 'was cropped', NEVER],
  ['XMP-xmp:Rating', '4', XMP],
  ['XMP-xmp:CreatorTool', 'Darkroom 2', XMP],
  ['XMP-xmpRights:UsageTerms', 'Ask first', XMP_CREDIT],
  ['XMP-xmpRights:WebStatement', 'https://example.com/l', XMP_CREDIT],
  ['XMP-cc:License', 'https://example.com/by', XMP_CREDIT],
  ['XMP-iptcCore:AltTextAccessibility', 'A lake', XMP],
  ['XMP-exif:GPSLatitude', '48.5', XMP_GPS],
  ['XMP-exif:GPSLongitude', '9.1', XMP_GPS],
  ['IPTC:ObjectName', 'Objekt', IPTC],
  ['IPTC:Headline', 'Kopf', IPTC],
  ['IPTC:Caption-Abstract', 'Größe in IPTC', IPTC],
  ['IPTC:Keywords', 'See', IPTC],
  ['IPTC:City', 'Ulm', IPTC],
  ['IPTC:SpecialInstructions', 'none', IPTC],
  ['IPTC:By-line', 'Ann Lee', IPTC_CREDIT],
  ['IPTC:By-lineTitle', 'Photographer', IPTC_CREDIT],
  ['IPTC:Credit', 'Agency', IPTC_CREDIT],
  ['IPTC:Source', 'Archive', IPTC_CREDIT],
  ['IPTC:CopyrightNotice', '(c) Ann', IPTC_CREDIT],
  ['IPTC:ImageOrientation', 'L', NEVER],
  ['IPTC:ObjectPreviewData', 'a picture of all', NEVER],
]

/** Tags of the containers, and those that describe how the others are stored. */
const TECHNICAL =
  /^(?:IFD0:(?:Image(?:Width|Height)|BitsPerSample|Compression|Photometric.*|Strip.*|Preview.*|Rows.*|Samples?.*|[XY]Resolution|PlanarConfiguration|ResolutionUnit|JPEGTables|ReferenceBlackWhite|YCbCr.*|Orientation|Predictor)|ExifIFD:(?:ExifVersion|ComponentsConfiguration|FlashpixVersion|ColorSpace)|GPS:GPSVersionID|XMP-x:XMPToolkit|IPTC:(?:CodedCharacterSet|ApplicationRecordVersion|EnvelopeRecordVersion))$/

const toRead = ([tag]: (typeof TAGS)[number]) => tag

/** Returns the described tags of a file, whatever they are called. */
function described(tags: Tags): string[] {
  return Object.keys(tags).filter(
    (tag) => /^(?:IFD0|ExifIFD|GPS|XMP.*|IPTC):/.test(tag) && !TECHNICAL.test(tag),
  )
}

describe.skipIf(!hasExifTool)(`metadata of a JPEG and a TIFF${NEEDS_EXIFTOOL}`, () => {
  let sources: Buffer[]

  beforeAll(async () => {
    const plain = sharp({ create: { width: 40, height: 30, channels: 3, background: '#c86432' } })
    const values = TAGS.map(([tag, value]) => `${tag}=${value}`)
    sources = await Promise.all(
      [await plain.jpeg().toBuffer(), await plain.tiff({ compression: 'lzw' }).toBuffer()].map((file) =>
        writeTags(file, values),
      ),
    )
  }, 30_000)

  it('is all in the sources', async () => {
    for (const tags of await readTags(sources))
      expect(described(tags).toSorted()).toEqual(TAGS.map(toRead).toSorted())
  })

  it('is kept tag by tag as the policy says, and no other', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray([...PARTS], { minLength: 1 }), async (parts) => {
        const chosen = new Set<Part>(parts)
        const expected = TAGS.filter(([, , isKept]) => isKept(chosen))
        const outputs = await Promise.all(
          sources.flatMap((source) =>
            (['jpeg', 'tiff'] as const).map((format) =>
              make(source, [{ resize: 20 }, { format }, { metadata: parts }]),
            ),
          ),
        )
        const [before] = await readTags(sources)
        for (const tags of await readTags(outputs.map(({ data }) => data))) {
          expect(described(tags).toSorted()).toEqual(expected.map(toRead).toSorted())
          for (const [tag] of expected) expect([tag, tags[tag]]).toEqual([tag, before![tag]])
        }
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 12), examples: [[[...PARTS]], [['copyright']]] },
    )
  })

  it('is all removed without the setting', async () => {
    for (const source of sources)
      for (const format of ['jpeg', 'tiff', 'png', 'webp', 'avif', 'gif'] as const) {
        const [tags] = await readTags([(await make(source, [{ format }])).data])
        expect(described(tags!)).toEqual([])
      }
  })
})
