import { readCodedColour } from './heif/coded-colour.js'
import type { ColourCodes } from './heif/colour-codes.js'
import { startOfItem } from './heif/item-data.js'
import { cursorAt, readBoxes, writeBox, type Box } from './iso-boxes.js'

/** The primary picture of a HEIF file, such as AVIF and HEIC. */
export interface HeifPicture {
  /** Type of its item, or of its first tile: av01 is AV1, hvc1 is HEVC. */
  readonly codec: string
  readonly hasProfile: boolean
  /** Codes of the file, else those of the coded data. A profile takes precedence over the primaries and the curve. */
  readonly codes?: ColourCodes | undefined
  /** The colours are multiplied by alpha. */
  readonly isPremultiplied: boolean
  /** Luminance of the brightest part, in cd/m². */
  readonly peak?: number | undefined
  /** Size before turning, as announced. */
  readonly size?: { readonly width: number; readonly height: number } | undefined
}

/** Boxes of a meta box. */
interface Meta {
  readonly boxes: readonly Box[]
  readonly primary: number
}

/** Returns the facts of the primary picture. Returns undefined for other files, and if they can't be read. */
export function readHeif(bytes: Uint8Array): HeifPicture | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.toString('latin1', 4, 8) !== 'ftyp') return undefined
  try {
    const meta = openMeta(readBoxes(file).find(({ type }) => type === 'meta'))
    return meta && describe(file, meta)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Opens a meta box, whose body begins with a version and flags. */
function openMeta(box: Box | undefined): Meta | undefined {
  if (box === undefined) return undefined
  const boxes = readBoxes(box.body.subarray(4))
  const pitm = boxes.find(({ type }) => type === 'pitm')
  if (pitm === undefined) return undefined
  return { boxes, primary: cursorAt(pitm.body, 4).next(pitm.body[0] === 0 ? 2 : 4) }
}

function describe(file: Buffer, meta: Meta): HeifPicture {
  const properties = propertiesOf(meta, meta.primary)
  const bodies = (type: string) => properties.filter((box) => box.type === type).map(({ body }) => body)
  const colours = bodies('colr').map((body) => ({ kind: body.toString('latin1', 0, 4), body }))
  const nclx = colours.find(({ kind }) => kind === 'nclx')?.body
  const [ispe] = bodies('ispe')
  const [content] = bodies('clli')
  const [screen] = bodies('mdcv')
  const references = referencesFrom(meta)
  const types = itemTypes(meta)
  const own = types.get(meta.primary) ?? ''
  const tile = references.get('dimg')?.[0] ?? meta.primary
  const codec = types.get(tile) ?? own
  const hasProfile = colours.some(({ kind }) => kind === 'prof' || kind === 'rICC')
  return {
    codec,
    hasProfile,
    codes: nclx === undefined ? codedColour(file, meta, tile, codec) : readNclx(nclx),
    isPremultiplied: references.has('prem'),
    // That of the content, else that of the screen where it was made, in steps of 0.0001.
    peak: content?.readUInt16BE(0) || (screen?.readUInt32BE(16) ?? 0) / 10_000 || undefined,
    size: ispe && { width: ispe.readUInt32BE(4), height: ispe.readUInt32BE(8) },
  }
}

/** Reads the body of a colr box of the type nclx. (ISO 14496-12, section 12.1.5) */
function readNclx(body: Buffer): ColourCodes {
  const { next } = cursorAt(body, 4)
  return { primaries: next(2), transfer: next(2), matrix: next(2), isFullRange: (next(1) & 0x80) !== 0 }
}

function codedColour(file: Buffer, meta: Meta, item: number, codec: string): ColourCodes | undefined {
  return readCodedColour(codec, {
    hvcC: propertiesOf(meta, item).find(({ type }) => type === 'hvcC')?.body,
    data: () => startOfItem(file, meta.boxes, item),
  })
}

/** Returns the properties of an item. (ISO 23008-12, section 9.3) */
function propertiesOf({ boxes }: Meta, id: number): readonly Box[] {
  const parts = readBoxes(boxes.find(({ type }) => type === 'iprp')?.body ?? Buffer.alloc(0))
  const all = readBoxes(parts.find(({ type }) => type === 'ipco')?.body ?? Buffer.alloc(0))
  return parts.flatMap((part) => {
    if (part.type !== 'ipma') return []
    const entry = associations(part.body).find(({ item }) => item === id)
    return entry?.properties.flatMap((index) => all[index - 1] ?? []) ?? []
  })
}

interface Association {
  readonly item: number
  /** Counted from 1. */
  readonly properties: readonly number[]
  /** Place of the number of properties. */
  readonly place: number
}

function associations(ipma: Buffer): readonly Association[] {
  const { next, place } = cursorAt(ipma, 4)
  const itemBytes = ipma[0] === 0 ? 2 : 4
  const isWide = hasWideIndices(ipma)
  return Array.from({ length: next(4) }, () => {
    const item = next(itemBytes)
    const at = place()
    // The highest bit says that the property is essential.
    const properties = Array.from({ length: next(1) }, () => (isWide ? next(2) & 0x7fff : next(1) & 0x7f))
    return { item, properties, place: at }
  })
}

function hasWideIndices(ipma: Buffer): boolean {
  return (ipma[3]! & 1) === 1
}

/** Returns the references from the primary item by their type. (ISO 14496-12, section 8.11.12) */
function referencesFrom({ boxes, primary }: Meta): ReadonlyMap<string, readonly number[]> {
  const iref = boxes.find(({ type }) => type === 'iref')?.body
  if (iref === undefined) return new Map()
  const itemBytes = iref[0] === 0 ? 2 : 4
  return new Map(
    readBoxes(iref.subarray(4)).flatMap(({ type, body }) => {
      const { next } = cursorAt(body, 0)
      if (next(itemBytes) !== primary) return []
      return [[type, Array.from({ length: next(2) }, () => next(itemBytes))]]
    }),
  )
}

/** Returns the types of all items. (ISO 14496-12, section 8.11.6) */
function itemTypes({ boxes }: Meta): ReadonlyMap<number, string> {
  const iinf = boxes.find(({ type }) => type === 'iinf')?.body
  if (iinf === undefined) return new Map()
  const entries = readBoxes(iinf.subarray(iinf[0] === 0 ? 6 : 8))
  return new Map(
    entries.map(({ body }) => {
      const { next, place } = cursorAt(body, 4)
      const id = next(body[0] === 2 ? 2 : 4)
      next(2)
      return [id, body.toString('latin1', place(), place() + 4)]
    }),
  )
}

/**
 * Returns the file with a profile for the primary picture. Its new meta box stands at the end, and the old becomes free
 * space, so that no offset changes. Returns undefined if the file is laid out in a way that does not allow it.
 */
export function addProfile(bytes: Uint8Array, icc: Uint8Array): Buffer | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const all = readBoxes(file)
  const old = all.find(({ type }) => type === 'meta')
  const meta = openMeta(old)
  const last = all.at(-1)
  // A box that is open to the end, or cut off, would swallow the new one.
  if (meta === undefined || !old?.isPlain || !last?.isPlain || last.start + last.whole.length < file.length) {
    return undefined
  }
  const iprp = meta.boxes.find(({ type }) => type === 'iprp')
  const changed = iprp && addProperty(iprp, writeBox('colr', Buffer.from('prof'), icc), meta.primary)
  if (changed === undefined) return undefined
  const bodies = meta.boxes.map((box) => (box === iprp ? changed : box.whole))
  const result = Buffer.concat([file, writeBox('meta', old.body.subarray(0, 4), ...bodies)])
  result.write('free', old.start + 4, 'latin1')
  return result
}

/** Returns the iprp box with another property, associated with an item. */
function addProperty(iprp: Box, property: Buffer, item: number): Buffer | undefined {
  const parts = readBoxes(iprp.body)
  const ipco = parts.find(({ type }) => type === 'ipco')
  const ipma = parts.find((part) => part.type === 'ipma' && findEntry(part.body, item) !== undefined)
  if (ipco === undefined || ipma === undefined) return undefined
  const isWide = hasWideIndices(ipma.body)
  const index = readBoxes(ipco.body).length + 1
  const { place } = findEntry(ipma.body, item)!
  const count = ipma.body[place]!
  if (index > (isWide ? 0x7fff : 0x7f) || count === 255) return undefined
  const changed = Buffer.concat([
    ipma.body.subarray(0, place),
    // First in the list: the turning of the picture has to come after what describes it.
    Buffer.from([count + 1, ...(isWide ? [index >> 8, index & 0xff] : [index])]),
    ipma.body.subarray(place + 1),
  ])
  const bodies = parts.map((part) => {
    if (part === ipco) return writeBox('ipco', ipco.body, property)
    return part === ipma ? writeBox('ipma', changed) : part.whole
  })
  return writeBox('iprp', ...bodies)
}

function findEntry(ipma: Buffer, item: number): Association | undefined {
  return associations(ipma).find((entry) => entry.item === item)
}

/** Major brands that sharp and libheif know for files with HEVC. */
const HEVC_BRANDS = /^(?:heic|heix|mif1|msf1)$/

/** Returns a file whose major brand names its codec: sharp looks only at that. Returns others unchanged. */
export function nameCodec(bytes: Uint8Array): Uint8Array {
  const codec = readHeif(bytes)?.codec
  const brand = Buffer.from(bytes.subarray(8, 12)).toString('latin1')
  const isNamed = codec === 'av01' ? brand === 'avif' : codec !== 'hvc1' || HEVC_BRANDS.test(brand)
  if (isNamed) return bytes
  const copy = Buffer.from(bytes)
  copy.write(codec === 'av01' ? 'avif' : 'heic', 8, 'latin1')
  return copy
}
