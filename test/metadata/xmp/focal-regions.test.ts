import { describe, expect, it } from 'vitest'
import { readFocalRegions } from '../../../src/metadata/xmp/focal-regions.js'

const NAMESPACES = [
  'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"',
  'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"',
  'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"',
  'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"',
  'xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
  'xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
].join(' ')

function xmp(content: string): Buffer {
  return Buffer.from(
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ${NAMESPACES}><rdf:Description rdf:about="">${content}</rdf:Description></rdf:RDF></x:xmpmeta>`,
  )
}

function mwg(items: string, size = 'stDim:w="400" stDim:h="300" stDim:unit="pixel"'): Buffer {
  return xmp(
    `<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions ${size}/><mwg-rs:RegionList><rdf:Bag>${items}</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>`,
  )
}

function area(type: string, x: number, y: number, w: number, h: number): string {
  return `<rdf:li><rdf:Description mwg-rs:Type="${type}" mwg-rs:Name="A"><mwg-rs:Area stArea:x="${x}" stArea:y="${y}" stArea:w="${w}" stArea:h="${h}" stArea:unit="normalized"/></rdf:Description></rdf:li>`
}

function iptc(boundary: string, rest = ''): string {
  return `<rdf:li rdf:parseType="Resource"><ext:RegionBoundary rdf:parseType="Resource">${boundary}</ext:RegionBoundary>${rest}</rdf:li>`
}

function iptcRegions(items: string): Buffer {
  return xmp(`<ext:ImageRegion><rdf:Bag>${items}</rdf:Bag></ext:ImageRegion>`)
}

const photo = { width: 400, height: 300, orientation: 1 }

function rounded(data: Buffer, picture = photo): string[] {
  return readFocalRegions(data, picture).map(({ left, top, width, height }) =>
    [left, top, width, height].map((side) => String(Math.round(side * 1000) / 1000)).join(' '),
  )
}

describe('readFocalRegions', () => {
  it('reads an area of MWG around its centre, as attributes and as elements', () => {
    expect(rounded(mwg(area('Face', 0.5, 0.4, 0.2, 0.1)))).toEqual(['0.4 0.35 0.2 0.1'])
    const elements = `<rdf:li rdf:parseType="Resource"><mwg-rs:Area rdf:parseType="Resource"><stArea:x>0.5</stArea:x><stArea:y>0.4</stArea:y><stArea:w>0.2</stArea:w><stArea:h>0.1</stArea:h><stArea:unit>normalized</stArea:unit></mwg-rs:Area></rdf:li>`
    expect(rounded(mwg(elements))).toEqual(['0.4 0.35 0.2 0.1'])
  })

  it('reads a point and a circle of MWG', () => {
    const point = `<rdf:li><rdf:Description mwg-rs:Type="Focus"><mwg-rs:Area stArea:x="0.25" stArea:y="0.75" stArea:unit="normalized"/></rdf:Description></rdf:li>`
    expect(rounded(mwg(point))).toEqual(['0.25 0.75 0 0'])
    const circle = `<rdf:li><rdf:Description><mwg-rs:Area stArea:x="0.5" stArea:y="0.5" stArea:d="0.4" stArea:unit="normalized"/></rdf:Description></rdf:li>`
    expect(rounded(mwg(circle))).toEqual(['0.35 0.3 0.3 0.4'])
  })

  it('prefers faces to other regions, and the largest face to others', () => {
    const items =
      area('Pet', 0.5, 0.5, 0.9, 0.9) + area('Face', 0.2, 0.2, 0.1, 0.1) + area('Face', 0.8, 0.2, 0.2, 0.2)
    expect(rounded(mwg(items))).toEqual(['0.7 0.1 0.2 0.2', '0.15 0.15 0.1 0.1'])
  })

  it('reads rectangles, circles and polygons of IPTC as their bounding boxes', () => {
    const rectangle =
      '<ext:rbShape>rectangle</ext:rbShape><ext:rbUnit>relative</ext:rbUnit><ext:rbX>0.1</ext:rbX><ext:rbY>0.2</ext:rbY><ext:rbW>0.3</ext:rbW><ext:rbH>0.4</ext:rbH>'
    expect(rounded(iptcRegions(iptc(rectangle)))).toEqual(['0.1 0.2 0.3 0.4'])
    const circle =
      '<ext:rbShape>circle</ext:rbShape><ext:rbUnit>relative</ext:rbUnit><ext:rbX>0.5</ext:rbX><ext:rbY>0.5</ext:rbY><ext:rbRx>0.15</ext:rbRx>'
    expect(rounded(iptcRegions(iptc(circle)))).toEqual(['0.35 0.3 0.3 0.4'])
    const vertex = (x: number, y: number) =>
      `<rdf:li rdf:parseType="Resource"><ext:rbX>${x}</ext:rbX><ext:rbY>${y}</ext:rbY></rdf:li>`
    const polygon = `<ext:rbShape>polygon</ext:rbShape><ext:rbUnit>pixel</ext:rbUnit><ext:rbVertices><rdf:Seq>${vertex(40, 60)}${vertex(200, 30)}${vertex(120, 150)}</rdf:Seq></ext:rbVertices>`
    expect(rounded(iptcRegions(iptc(polygon)))).toEqual(['0.1 0.1 0.4 0.4'])
  })

  it('takes a region of IPTC for a face if its type or role says so', () => {
    const box = (x: number) =>
      `<ext:rbUnit>relative</ext:rbUnit><ext:rbX>${x}</ext:rbX><ext:rbY>0.1</ext:rbY><ext:rbW>0.1</ext:rbW><ext:rbH>0.1</ext:rbH>`
    const face =
      '<ext:rCtype><rdf:Bag><rdf:li rdf:parseType="Resource"><ext:Name><rdf:Alt><rdf:li xml:lang="en">Face</rdf:li></rdf:Alt></ext:Name></rdf:li></rdf:Bag></ext:rCtype>'
    expect(rounded(iptcRegions(iptc(box(0.1)) + iptc(box(0.6), face)))).toEqual(['0.6 0.1 0.1 0.1'])
  })

  it.each([
    [1, '0.7 0.1 0.2 0.2'],
    [2, '0.1 0.1 0.2 0.2'],
    [3, '0.1 0.7 0.2 0.2'],
    [4, '0.7 0.7 0.2 0.2'],
    [5, '0.1 0.7 0.2 0.2'],
    [6, '0.7 0.7 0.2 0.2'],
    [7, '0.7 0.1 0.2 0.2'],
    [8, '0.1 0.1 0.2 0.2'],
  ])('turns a region by EXIF orientation %i', (orientation, region) => {
    expect(rounded(mwg(area('Face', 0.8, 0.2, 0.2, 0.2)), { ...photo, orientation })).toEqual([region])
  })

  it('leaves a region as it is if its dimensions are those of the upright picture', () => {
    const data = mwg(area('Face', 0.8, 0.2, 0.2, 0.2), 'stDim:w="300" stDim:h="400" stDim:unit="pixel"')
    expect(rounded(data, { ...photo, orientation: 6 })).toEqual(['0.7 0.1 0.2 0.2'])
  })

  it('leaves out regions without numbers, and those of damaged XMP', () => {
    expect(rounded(mwg('<rdf:li><rdf:Description mwg-rs:Type="Face"/></rdf:li>'))).toEqual([])
    expect(rounded(Buffer.from('<x:xmpmeta'))).toEqual([])
  })
})
