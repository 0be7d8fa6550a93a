import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { filterXmp } from '../../../src/metadata/xmp/filter-xmp.js'
import type { ImageOp, OpInputs } from '../../../src/operations/image-op.generated.js'
import { readExif } from '../../support/exif.js'
import { fixture, make } from '../../support/pictures.js'

const RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'

/** Returns a packet with properties as attributes and as elements. */
function packet(attributes: string, elements = ''): string {
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ${RDF}><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" ${attributes}>${elements}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
}

const filter = (text: string, gps = false) => filterXmp(Buffer.from(text), { gps })

/** All coordinates hold 53.41, all other values begin with `stays`. */
const WITH_POSITION = packet(
  `exif:GPSLatitude="41,53.41N" exif:GPSLongitude='12,53.41E' dc:source="stays1" exif:GPSAltitude = "53.41/1"
   xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" drone-dji:GpsLatitude="53.41" drone-dji:GPSLongtitude="53.41" drone-dji:RelativeAltitude="+53.41"
   xmlns:p0="http://ns.adobe.com/exif/1.0/" p0:GPSDestLatitude="53.41" dc:title="5 > 3 &lt; stays2"`,
  `<exif:GPSTimeStamp>53.41</exif:GPSTimeStamp><dc:subject><rdf:Bag><rdf:li>stays3</rdf:li></rdf:Bag></dc:subject>
   <exif:GPSAreaInformation rdf:parseType="Resource"><dc:x>53.41<dc:y>53.41</dc:y></dc:x><dc:z/></exif:GPSAreaInformation>
   <Iptc4xmpExt:LocationCreated xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><rdf:Bag><rdf:li rdf:parseType="Resource">
   <Iptc4xmpExt:City>stays4</Iptc4xmpExt:City><exif:GPSLongitude>12,53.41E</exif:GPSLongitude><exif:GPSVersionID/></rdf:li></rdf:Bag></Iptc4xmpExt:LocationCreated>
   <geo:lat xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#">53.41</geo:lat><!-- at 53.41 --><dc:rights><![CDATA[stays5 <GPS>]]></dc:rights>`,
)

describe('filterXmp', () => {
  it('removes coordinates at any depth, and nothing else', () => {
    const clean = filter(WITH_POSITION) ?? ''
    expect(clean).not.toContain('53.41')
    expect(clean).not.toMatch(/<\/?exif:GPS/)
    expect(clean.match(/stays\d/g)).toEqual(['stays1', 'stays2', 'stays3', 'stays4', 'stays5'])
    expect(clean).toContain('<?xpacket end="w"?>')
    // A clean packet is not changed.
    expect(filter(clean)).toBe(clean)
  })

  it('keeps coordinates if gps is kept', () => {
    expect(filter(WITH_POSITION, true)).toBe(WITH_POSITION)
  })

  it('removes thumbnails, gain maps and motion photos in any case', () => {
    const stale = packet(
      'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" GCamera:MotionPhoto="1" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" dc:source="stays"',
      '<xmp:Thumbnails xmlns:xmp="http://ns.adobe.com/xap/1.0/"><rdf:Alt><rdf:li>cropped away</rdf:li></rdf:Alt></xmp:Thumbnails><Container:Directory xmlns:Container="c"/>',
    )
    for (const gps of [true, false]) {
      const clean = filter(stale, gps) ?? ''
      expect(clean).not.toMatch(/cropped|hdrgm:Version|Directory|MotionPhoto/)
      expect(clean).toContain('dc:source="stays"')
    }
  })

  it('removes the place of Content Credentials', () => {
    const clean = filter(
      packet(
        'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="https://a/b" dcterms:type="stays"',
      ),
    )
    expect(clean).toContain('dcterms:type="stays"')
    expect(clean).not.toContain('https://a/b')
  })

  it('keeps only chosen properties of a description, whole', () => {
    const only = ({ local }: { local: string }) => local === 'rights' || local === 'creator'
    const nested =
      '<dc:rights><rdf:Alt><rdf:li xml:lang="de" dc:title="stays1">stays2</rdf:li></rdf:Alt></dc:rights>'
    const text = packet(
      'dc:creator="stays3" dc:title="goes"',
      `\n <dc:title>goes<dc:rights>goes</dc:rights></dc:title> ${nested}`,
    )
    const clean = filterXmp(Buffer.from(text), { gps: false, only }) ?? ''
    expect(clean).not.toContain('goes')
    expect(clean).toContain(nested)
    expect(clean).toContain('dc:creator="stays3"')
  })

  it('is empty if no chosen property is there', () => {
    expect(filterXmp(Buffer.from(packet('dc:title="goes"')), { gps: false, only: () => false })).toBe('')
  })

  it.each([
    ['ends too early', packet('').slice(0, -40)],
    ['closes an element that is not open', packet('', '</dc:title>')],
    ['has attributes without quotes', packet('exif:GPSLatitude=41')],
    ['has entities of its own', `<!DOCTYPE x [<!ENTITY e "53.41">]>${packet('', '&e;')}`],
    ['is not XML', 'GPS 53.41 < 60'],
  ])('returns undefined for a packet that %s', (_, text) => {
    expect(filter(text)).toBeUndefined()
  })

  it('returns undefined for other encodings than UTF-8, and accepts zeros at the end', () => {
    expect(filterXmp(Buffer.from(packet(''), 'utf16le'), { gps: false })).toBeUndefined()
    expect(filter(`${packet('')}\0\0`)).toBe(filter(packet('')))
  })

  it('parses a packet that is made to be slow in linear time', () => {
    const tricky = packet(' a '.repeat(50_000))
    expect(filter(tricky)).toBeUndefined()
    expect(filter(packet('', '<rdf:li>'.repeat(50_000)))).toBeUndefined()
    expect(filter(packet('', '<!--'.repeat(50_000)))).toBeUndefined()
  })
})

describe.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)('XMP of %s', (type) => {
  const manyPasses: ImageOp[] = [{ blur: 1 }, { resize: 60 }, { rotate: 90 }, { blur: 1 }]

  async function xmpWith(keep: OpInputs['metadata'], ops: ImageOp[] = [{ thumbnail: 50 }]): Promise<string> {
    const source = await sharp(await fixture('photos/landscape.jpg'))
      .resize(100)
      .keepExif()
      .withXmp(WITH_POSITION)
      .toFormat(type)
      .toBuffer()
    const { data } = await make(source, [...ops, { metadata: keep }, { format: type }])
    return (await sharp(data).metadata()).xmp?.toString() ?? ''
  }

  it('is removed unless metadata keeps it', async () => {
    for (const keep of ['strip', 'icc', ['exif', 'gps', 'icc']] as const) {
      expect(await xmpWith(keep)).toBe('')
    }
  })

  it('is reduced to rights by copyright', async () => {
    for (const ops of [undefined, manyPasses]) {
      const xmp = await xmpWith('copyright', ops)
      expect(xmp.match(/stays\d|53\.41/g)).toEqual(['stays5'])
    }
  })

  it('is kept without its position by xmp', async () => {
    for (const ops of [undefined, manyPasses]) {
      for (const keep of ['xmp', 'icc:exif:xmp', ['xmp', 'copyright']] as const) {
        const xmp = await xmpWith(keep, ops)
        expect(xmp).toContain('stays1')
        expect(xmp).not.toContain('53.41')
      }
    }
  })

  it('is kept with its position by keep and by xmp with gps', async () => {
    expect(await xmpWith('keep')).toBe(WITH_POSITION)
    expect(await xmpWith(['xmp', 'gps'], manyPasses)).toBe(WITH_POSITION)
  })
})

describe('metadata icc,exif,xmp', () => {
  it('keeps everything but the position', async () => {
    const source = await sharp(await fixture('photos/landscape.jpg'))
      .withXmp(WITH_POSITION)
      .withIccProfile('p3')
      .keepExif()
      .jpeg()
      .toBuffer()
    const position = Buffer.from(new Uint32Array([41, 1, 53, 1]).buffer)
    expect((await readExif(source))?.block.includes(position)).toBe(true)
    const { data } = await make(source, [{ thumbnail: 90 }, { metadata: 'icc,exif,xmp' }])
    const { icc, xmp } = await sharp(data).metadata()
    const exif = await readExif(data)
    expect([icc !== undefined, exif?.tags['Make']]).toEqual([true, 'Imgproc Works'])
    expect(xmp?.toString()).toContain('stays1')
    expect([data.includes('53.41'), data.includes(position)]).toEqual([false, false])
  })

  it('leaves XMP out with a warning if it cannot be parsed, whatever is kept', async () => {
    const source = await sharp(await fixture('photos/landscape.jpg'))
      .withXmp('GPS < 53.41')
      .jpeg()
      .toBuffer()
    for (const keep of [['xmp'], 'keep'] as const) {
      const { data, info } = await make(source, [{ thumbnail: 90 }, { metadata: keep }])
      expect(data.includes('53.41')).toBe(false)
      expect(info.warnings).toEqual(['The XMP is not valid XML and was left out.'])
    }
    expect((await make(source, [{ thumbnail: 90 }, { metadata: ['exif'] }])).info.warnings).toBeUndefined()
  })
})

const NS = {
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  img: 'http://ns.adobe.com/xap/1.0/g/img/',
  mm: 'http://ns.adobe.com/xap/1.0/mm/',
  crs: 'http://ns.adobe.com/camera-raw-settings/1.0/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  image: 'http://ns.google.com/photos/1.0/image/',
  depth: 'http://ns.google.com/photos/1.0/depthmap/',
  audio: 'http://ns.google.com/photos/1.0/audio/',
  container: 'http://ns.google.com/photos/1.0/container/',
  camera: 'http://ns.google.com/photos/1.0/camera/',
  dynamic: 'http://ns.google.com/photos/dd/1.0/device/',
  gainmap: 'http://ns.adobe.com/hdr-gain-map/1.0/',
  note: 'http://ns.adobe.com/xmp/note/',
  maker: 'http://example.com/maker/',
}

describe('XMP properties of the source', () => {
  const asAttribute = (ns: string, name: string, prefix: string, value: string) =>
    packet(`xmlns:${prefix}="${ns}" ${prefix}:${name}="${value}" dc:source="stays"`)
  const asElement = (ns: string, name: string, prefix: string, value: string) =>
    packet('dc:source="stays"', `<${prefix}:${name} xmlns:${prefix}="${ns}">${value}</${prefix}:${name}>`)
  const asDefault = (ns: string, name: string, _prefix: string, value: string) =>
    packet(
      'dc:source="stays"',
      `<${name} xmlns="${ns}"><rdf:Seq><rdf:li>${value}</rdf:li></rdf:Seq></${name}>`,
    )

  it.each([
    [NS.xmp, 'Thumbnails', 'xap'],
    [NS.img, 'image', 'xapGImg'],
    [NS.mm, 'Pantry', 'xapMM'],
    [NS.mm, 'Ingredients', 'm'],
    [NS.crs, 'HasCrop', 'crs'],
    [NS.crs, 'CropTop', 'raw'],
    [NS.photoshop, 'History', 'ps'],
    [NS.photoshop, 'TextLayers', 'photoshop'],
    [NS.image, 'Data', 'GImage'],
    [NS.depth, 'Data', 'D'],
    [NS.audio, 'Data', 'GAudio'],
    [NS.container, 'Directory', 'C'],
    [NS.camera, 'MotionPhotoVersion', 'K'],
    [NS.dynamic, 'Container', 'Device'],
    [NS.gainmap, 'GainMapMax', 'h'],
    [NS.note, 'HasExtendedXMP', 'n'],
    [NS.tiff, 'Orientation', 't'],
    [NS.tiff, 'ImageWidth', 'tiff'],
    [NS.exif, 'PixelXDimension', 'e'],
  ])('loses %s%s under any prefix, in every form', (ns, name, prefix) => {
    for (const write of [asAttribute, asElement, asDefault]) {
      for (const chosen of [prefix, 'other']) {
        const clean = filter(write(ns, name, chosen, 'whole'), true) ?? ''
        expect([clean.includes('whole'), clean.includes('stays')]).toEqual([false, true])
      }
    }
    // The same name in another namespace is something else.
    expect(
      filter(asElement(NS.maker, name === 'HasExtendedXMP' ? 'Has' : name, 'other', 'whole'), true),
    ).toContain('whole')
  })

  it('include pictures in Base64 in namespaces of makers', () => {
    const jpeg = `/9j/${'A'.repeat(400)}`
    for (const write of [asAttribute, asElement, asDefault]) {
      const clean = filter(write(NS.maker, 'Preview', 'p', jpeg), true) ?? ''
      expect([clean.includes('/9j/'), clean.includes('stays')]).toEqual([false, true])
    }
  })

  it('include the orientation and regions only if the picture changes', () => {
    const regions = 'http://www.metadataworkinggroup.com/schemas/regions/'
    const source = packet(
      `xmlns:tiff="${NS.tiff}" tiff:Orientation="6"`,
      `<r:Regions xmlns:r="${regions}"><r:Name>Bob</r:Name></r:Regions>`,
    )
    expect(filterXmp(Buffer.from(source), { gps: true, orientation: true, regions: true })).toBe(source)
    expect(filter(source, true)).not.toMatch(/tiff:Orientation=|Bob/)
  })
})
