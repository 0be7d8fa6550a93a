import { writeBox, type Box } from '../iso-boxes.js'
import type { AvifSequence, SequenceTrack } from './sequence.js'

/** Boxes of a track that describe a still as well, in the order in which they are applied. */
const KEPT: readonly string[] = ['av1C', 'colr', 'clli', 'mdcv', 'clap', 'irot', 'imir']
/** Those that a reader may not ignore. */
const ESSENTIAL: ReadonlySet<string> = new Set(['av1C', 'clap', 'irot', 'imir'])
const [COLOUR_ITEM, ALPHA_ITEM] = [1, 2]

/**
 * Writes an AVIF whose picture is one frame of a sequence: the coded data of that frame behind all that it builds on, from the
 * last key frame on. Of such data libaom, which is sharp's decoder of AV1, returns the last picture.
 *
 * @param index frame, from 0 on.
 */
export function fileOfFrame(sequence: AvifSequence, index: number): Buffer {
  const { width, height, colour, alpha, isPremultiplied } = sequence
  const size = writeFull('ispe', [0, 0], u32(width), u32(height))
  const items: Item[] = [
    { id: COLOUR_ITEM, data: dataOf(colour, index), properties: [size, ...propertiesOf(colour)] },
  ]
  if (alpha !== undefined) {
    const type = writeFull('auxC', [0, 0], Buffer.from('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0'))
    const properties = [size, ...propertiesOf(alpha), type]
    items.push({ id: ALPHA_ITEM, data: dataOf(alpha, index), properties })
  }
  const references = [
    ...(alpha === undefined ? [] : [writeBox('auxl', u16(ALPHA_ITEM), u16(1), u16(COLOUR_ITEM))]),
    ...(isPremultiplied ? [writeBox('prem', u16(COLOUR_ITEM), u16(1), u16(ALPHA_ITEM))] : []),
  ]
  const type = writeBox('ftyp', Buffer.from('avif\0\0\0\0avifmif1miaf', 'latin1'))
  const start = type.length + writeMeta(items, references, 0).length + 8
  const data = writeBox('mdat', ...items.map((item) => item.data))
  return Buffer.concat([type, writeMeta(items, references, start), data])
}

interface Item {
  readonly id: number
  readonly data: Buffer
  readonly properties: readonly Buffer[]
}

function dataOf({ data, keys }: SequenceTrack, index: number): Buffer {
  const key = keys.findLast((each) => each <= index) ?? 0
  return Buffer.concat(data.slice(key, index + 1))
}

function propertiesOf({ properties }: SequenceTrack): readonly Buffer[] {
  return KEPT.flatMap((type) => properties.filter((box: Box) => box.type === type)).map(({ whole }) => whole)
}

/** Writes the box that describes the items. (ISO 23008-12, section 9) */
function writeMeta(items: readonly Item[], references: readonly Buffer[], dataAt: number): Buffer {
  const parts = [
    writeFull('hdlr', [0, 0], u32(0), Buffer.from('pict'), Buffer.alloc(13)),
    writeFull('pitm', [0, 0], u16(COLOUR_ITEM)),
    writePlaces(items, dataAt),
    writeFull('iinf', [0, 0], u16(items.length), ...items.map(({ id }) => writeItem(id))),
    ...(references.length === 0 ? [] : [writeFull('iref', [0, 0], ...references)]),
    writeProperties(items),
  ]
  return writeFull('meta', [0, 0], ...parts)
}

function writeItem(id: number): Buffer {
  return writeFull('infe', [2, 0], u16(id), u16(0), Buffer.from('av01\0'))
}

function writePlaces(items: readonly Item[], dataAt: number): Buffer {
  let at = dataAt
  const places = items.map(({ id, data }) => {
    const place = Buffer.concat([u16(id), u16(0), u16(1), u32(at), u32(data.length)])
    at += data.length
    return place
  })
  // Offsets and lengths of 4 bytes each.
  return writeFull('iloc', [0, 0], Buffer.of(0x44, 0), u16(items.length), ...places)
}

function writeProperties(items: readonly Item[]): Buffer {
  const all = items.flatMap(({ properties }) => properties)
  let index = 0
  const associations = items.map(({ id, properties }) => {
    const entries = properties.map((box) => {
      index++
      return ESSENTIAL.has(box.toString('latin1', 4, 8)) ? index | 0x80 : index
    })
    return Buffer.concat([u16(id), Buffer.of(entries.length, ...entries)])
  })
  return writeBox(
    'iprp',
    writeBox('ipco', ...all),
    writeFull('ipma', [0, 0], u32(items.length), ...associations),
  )
}

/** Writes a box with a version and flags. */
function writeFull(
  type: string,
  [version, flags]: readonly [number, number],
  ...bodies: Uint8Array[]
): Buffer {
  return writeBox(type, Buffer.of(version, 0, 0, flags), ...bodies)
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
