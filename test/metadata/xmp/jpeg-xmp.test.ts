import { createHash } from 'node:crypto'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { insertSegments, jpegSegments, makeApp1 } from '../../../src/metadata/containers/jpeg.js'
import { readWholeXmp } from '../../../src/metadata/xmp/jpeg-xmp.js'
import { scanXml } from '../../../src/metadata/xmp/scan-xml.js'
import { make } from '../../support/pictures.js'

const MAIN = Buffer.from('http://ns.adobe.com/xap/1.0/\0')
const EXTENSION = Buffer.from('http://ns.adobe.com/xmp/extension/\0')
const RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
const LONG = 'long '.repeat(40_000)

const wrap = (rdf: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ${RDF}>${rdf}</rdf:RDF></x:xmpmeta>`
const main = (guid: string) =>
  wrap(
    `<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmpNote:HasExtendedXMP="${guid}" dc:source="short"/>`,
  )
// Its prefixes are declared around the description.
const extension = `<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:p="http://ns.adobe.com/photoshop/1.0/"><r:RDF ${RDF.replace(':rdf=', ':r=')}><r:Description r:about=""><p:Instructions>${LONG}</p:Instructions></r:Description></r:RDF></x:xmpmeta>`

/** Returns a JPEG whose XMP has an extension, in parts of 50,000 bytes in reverse order. */
async function makeExtended(leftOut = 0): Promise<Buffer> {
  const guid = createHash('md5').update(extension).digest('hex').toUpperCase()
  const bytes = Buffer.from(extension)
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 50_000) {
    const head = Buffer.alloc(40)
    head.write(guid, 'latin1')
    head.writeUInt32BE(bytes.length, 32)
    head.writeUInt32BE(at, 36)
    parts.push(makeApp1(EXTENSION, head, bytes.subarray(at, at + 50_000)))
  }
  const jpeg = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer()
  return insertSegments(jpeg, [...parts.slice(leftOut).toReversed(), makeApp1(MAIN, Buffer.from(main(guid)))])
}

function isWellFormed(xmp: string): boolean {
  return [...scanXml(xmp)].every(({ type }) => type !== 'invalid')
}

describe('XMP longer than a JPEG segment', () => {
  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)('is kept whole in %s', async (type) => {
    const { data, info } = await make(await makeExtended(), [
      { resize: 30 },
      { metadata: 'xmp' },
      { format: type },
    ])
    const xmp = (type === 'jpeg' ? readWholeXmp(data) : (await sharp(data).metadata()).xmp)?.toString() ?? ''
    expect([xmp.includes(LONG), xmp.includes('dc:source="short"'), isWellFormed(xmp)]).toEqual([
      true,
      true,
      true,
    ])
    expect(xmp).not.toContain('HasExtendedXMP')
    expect(info.warnings).toBeUndefined()
  })

  it('is split again in a JPEG: a main packet, and parts that its GUID names', async () => {
    const { data } = await make(await makeExtended(), [{ resize: 30 }, { metadata: 'xmp' }])
    const bodies = [...jpegSegments(data)].filter(({ marker }) => marker === 0xe1).map(({ body }) => body)
    const [packet, ...others] = bodies.filter((body) => body.includes('http://ns.adobe.com/x'))
    const guid = /xmpNote:HasExtendedXMP="([\dA-F]{32})"/.exec(packet?.toString() ?? '')?.[1]
    const whole = Buffer.concat(others.map((body) => body.subarray(EXTENSION.length + 40)))
    expect(others.length).toBeGreaterThan(2)
    expect(createHash('md5').update(whole).digest('hex').toUpperCase()).toBe(guid)
    expect([isWellFormed(whole.toString()), isWellFormed(packet!.toString('utf8', MAIN.length))]).toEqual([
      true,
      true,
    ])
    // A second time gives the same.
    const again = await make(data, [{ metadata: 'xmp' }])
    expect(readWholeXmp(again.data)?.toString()).toContain(LONG)
  })

  it('loses its extension with a warning, and the pointer to it, if parts are missing', async () => {
    const { data, info } = await make(await makeExtended(1), [{ resize: 30 }, { metadata: 'keep' }])
    const xmp = (await sharp(data).metadata()).xmp?.toString() ?? ''
    expect([xmp.includes('dc:source="short"'), xmp.includes('HasExtendedXMP=')]).toEqual([true, false])
    expect(info.warnings).toEqual(['Parts of the XMP are missing in the source.'])
  })

  it('is left out of a JPEG with a warning if one attribute is too long, and kept in other formats', async () => {
    const source = await sharp(await makeExtended(9))
      .withXmp(wrap(`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="${LONG}"/>`))
      .png()
      .toBuffer()
    const jpeg = await make(source, [{ metadata: 'xmp' }, { format: 'jpeg' }])
    expect([jpeg.data.includes('xap/1.0'), jpeg.info.warnings]).toEqual([
      false,
      ['The XMP is too long for a JPEG and was left out.'],
    ])
    expect(
      (await sharp((await make(source, [{ metadata: 'xmp' }])).data).metadata()).xmp?.toString(),
    ).toContain(LONG)
  })
})

describe('scanXml', () => {
  const name = fc.constantFrom('a', 'b:c', 'rdf:li', 'é')
  const value = fc.string({ unit: fc.constantFrom('x', ' ', '&amp;', '>', '/', '=', '\n', 'ü') })
  const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
    element: fc
      .tuple(
        name,
        fc.uniqueArray(fc.tuple(name, value, fc.constantFrom('"', "'")), { selector: ([key]) => key }),
        tie('content'),
      )
      .map(([tag, attributes, content]) => {
        const all = attributes.map(([key, text, quote]) => ` ${key} = ${quote}${text}${quote}`).join('')
        return content === '' ? `<${tag}${all}/>` : `<${tag}${all}>${content}</${tag} >`
      }),
    content: fc
      .array(
        fc.oneof(
          { depthSize: 'small' },
          value,
          fc.constantFrom('<!-- <a> -->', '<?p <a> ?>', '<![CDATA[<a>]]>'),
          tie('element'),
        ),
        { maxLength: 3 },
      )
      .map((parts) => parts.join('')),
  }))

  it('covers every character of well-formed XML once, in order', () => {
    fc.assert(
      fc.property(element, (xml) => {
        const ranges = [...scanXml(xml)].map((token) =>
          token.type === 'invalid' ? '' : xml.slice(token.start, token.end),
        )
        expect(ranges.join('')).toBe(xml)
      }),
    )
  })

  it('finds XML that is cut off invalid', () => {
    fc.assert(
      fc.property(element, fc.nat(), (xml, at) => {
        const cut = xml.slice(0, 1 + (at % (xml.length - 1)))
        expect([...scanXml(cut)].some(({ type }) => type === 'invalid')).toBe(cut !== xml)
      }),
    )
  })

  it('resolves prefixes to the innermost declaration', () => {
    const xml = '<p:a xmlns:p="1"><p:b xmlns:p="2" p:c=""/><p:d/><q:e/></p:a>'
    const names = [...scanXml(xml)].flatMap((token) =>
      token.type === 'start'
        ? [token, ...token.attributes].map(({ name: full, namespace }) => `${full}=${namespace}`)
        : [],
    )
    expect(names).toEqual(['p:a=1', 'xmlns:p=', 'p:b=2', 'xmlns:p=', 'p:c=2', 'p:d=1', 'q:e='])
  })
})
