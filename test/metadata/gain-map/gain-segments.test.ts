import { describe, expect, it } from 'vitest'
import { insertSegments, makeSegment } from '../../../src/metadata/containers/jpeg.js'
import { readGainSegments, readIsoSegment } from '../../../src/metadata/gain-map/gain-segments.js'
import { HDRGM } from '../../../src/metadata/gain-map/ultra-hdr.js'
import { makeXmpSegment, readMainXmp } from '../../../src/metadata/xmp/jpeg-xmp.js'
import { makeCorner, makeGainXmp, makeIso } from '../../support/ultra-hdr.js'

const map = await makeCorner(40, 30)

/** Returns the XMP that is copied from a map, without its wrapper. */
function copied(...segments: Buffer[]): string | undefined {
  const [segment = Buffer.alloc(0)] = readGainSegments(insertSegments(map, segments))
  return /<rdf:Description.*<\/rdf:Description>/s.exec(segment.toString())?.[0]
}

const wrap = (body: string) =>
  `<rdf:Description rdf:about="" xmlns:hdrgm="${HDRGM}" hdrgm:Version="1.0"${body}</rdf:Description>`

describe('parameters of a gain map', () => {
  it('are copied from attributes and elements, for one channel or three', () => {
    const seq = '<rdf:Seq><rdf:li>1.5</rdf:li> <rdf:li>2</rdf:li><rdf:li>-0.25</rdf:li></rdf:Seq>'
    const xmp = makeGainXmp(
      'hdrgm:BaseRenditionIsHDR="False" hdrgm:Gamma="1"',
      `<hdrgm:OffsetSDR>1e-5</hdrgm:OffsetSDR>\n<hdrgm:GainMapMax>${seq}</hdrgm:GainMapMax>`,
    )
    expect(copied(xmp)).toBe(
      wrap(
        ` hdrgm:BaseRenditionIsHDR="False" hdrgm:Gamma="1" hdrgm:OffsetSDR="1e-5"><hdrgm:GainMapMax>${seq.replace(' ', '')}</hdrgm:GainMapMax>`,
      ),
    )
  })

  it('are recognised by their namespace', () => {
    const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'
    const text = `<r:RDF xmlns:r="${rdf}"><r:Description xmlns:g="${HDRGM}" xmlns:hdrgm="urn:other" g:Version="1.0" g:Gamma="2" hdrgm:Gamma="3"/></r:RDF>`
    expect(copied(makeXmpSegment(text))).toBe(wrap(' hdrgm:Gamma="2">'))
  })

  it('are copied without anything else', () => {
    const xmp = makeGainXmp(
      'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="secret" hdrgm:Note="a secret place"',
      '<dc:title>secret</dc:title><hdrgm:Gamma>1<dc:title/></hdrgm:Gamma><hdrgm:Max/>',
    )
    expect(copied(xmp)).toBe(wrap(' hdrgm:Gamma="1">'))
  })

  it('may also be those of ISO 21496-1, which are copied as they are', () => {
    const iso = makeIso(Buffer.from([0, 0, 0, 0, 64]))
    expect(readGainSegments(insertSegments(map, [iso]))).toEqual([iso])
    expect(readGainSegments(insertSegments(map, [iso, makeGainXmp('')]))).toHaveLength(2)
    expect(readIsoSegment(insertSegments(map, [makeSegment(0xe2, Buffer.from('other'))]))).toBeUndefined()
  })

  it('are missing if there are none that can be read', () => {
    for (const segments of [[], [makeXmpSegment('<rdf:RDF xmlns:rdf="urn:other"/>')], [makeXmpSegment('<a')]])
      expect(readGainSegments(insertSegments(map, segments))).toEqual([])
  })

  it('are written into a packet that can be read again', () => {
    const [segment = Buffer.alloc(0)] = readGainSegments(
      insertSegments(map, [makeGainXmp('hdrgm:Gamma="1"')]),
    )
    const again = insertSegments(map, [segment])
    expect(readMainXmp(again)?.toString()).toContain('hdrgm:Gamma="1"')
    expect(readGainSegments(again)).toEqual([segment])
  })
})
