import sharp from 'sharp'

/*
 * An Ultra HDR photo as phones write it: a JPEG whose XMP and MPF segments describe a second JPEG appended to it, the
 * gain map (Android's "Ultra HDR Image Format v1.1"; CIPA DC-007 for MPF).
 */
const RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
const HDRGM = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"'
const GAINS = 'hdrgm:GainMapMin="0" hdrgm:GainMapMax="2" hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="2"'

/** Appends a gain map to a JPEG, with the metadata for both. */
export async function makeUltraHdr(base: Buffer, gains: Buffer): Promise<Buffer> {
  const map = insert(gains, xmpSegment(`<rdf:Description ${HDRGM} ${GAINS}/>`))
  const items = ['Primary"', `GainMap" Item:Length="${map.length}"`].map(
    (item) =>
      `<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" Item:Semantic="${item}/></rdf:li>`,
  )
  const spaces =
    'xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/"'
  const directory = `<Container:Directory><rdf:Seq>${items.join('')}</rdf:Seq></Container:Directory>`
  const primary = insert(
    base,
    xmpSegment(`<rdf:Description ${HDRGM} ${spaces}>${directory}</rdf:Description>`),
  )
  return Buffer.concat([insert(primary, mpfSegment(primary.length, map.length)), map])
}

/** Creates a black JPEG with a coloured upper left quarter. */
export async function makeCorner(width: number, height: number, colour = 'white'): Promise<Buffer> {
  const size = { width: Math.floor(width / 2), height: Math.floor(height / 2) }
  const corner = await sharp({ create: { ...size, channels: 3, background: colour } })
    .png()
    .toBuffer()
  return sharp({ create: { width, height, channels: 3, background: 'black' } })
    .composite([{ input: corner, left: 0, top: 0 }])
    .jpeg({ quality: 95 })
    .toBuffer()
}

function xmpSegment(description: string): Buffer {
  const packet = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ${RDF}>${description}</rdf:RDF></x:xmpmeta>`
  return segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${packet}`))
}

/** Creates a big-endian TIFF structure of three entries: version, number of pictures, and their positions. */
function mpfSegment(primary: number, map: number): Buffer {
  const body = Buffer.alloc(4 + 8 + 2 + 3 * 12 + 4 + 2 * 16)
  body.write('MPF\0MM\0*\0\0\0\x08\0\x03', 'latin1')
  const entries = [
    ['B0000007', 4, '30313030'],
    ['B0010004', 1, '00000002'],
    ['B0020007', 32, '00000032'],
  ] as const
  for (const [index, [tagAndType, count, value]] of entries.entries()) {
    const at = 14 + 12 * index
    body.write(tagAndType, at, 'hex')
    body.writeUInt32BE(count, at + 4)
    body.write(value, at + 8, 'hex')
  }
  const length = primary + body.length + 4
  const pictures = [0x030000, length, 0, 0, 0, map, length - (2 + 4 + 4), 0]
  for (const [index, value] of pictures.entries()) body.writeUInt32BE(value, 54 + 4 * index)
  return segment(0xe2, body)
}

function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

/** Inserts a segment at the start of a JPEG. */
export function insert(jpeg: Buffer, part: Buffer): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), part, jpeg.subarray(2)])
}
