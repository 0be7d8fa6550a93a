import { readBoxes, writeBox, type Box } from '../iso-boxes.js'

/*
 * The metadata of an AVIF are items in its `meta` box: `iinf` names them, `iloc` says where their bytes are, `iref` which
 * picture they describe (ISO 14496-12, section 8.11; Exif: ISO 23008-12, annex A.2.1).
 */

/** Version and flags of a full box. */
const FULL_BOX_BYTES = 4

/**
 * Returns an AVIF as libheif writes it with EXIF as an item. Returns undefined for another structure: boxes of 64-bit sizes,
 * or items whose positions are not 4 bytes from the start of the file.
 */
export function addExifToAvif(avif: Buffer<ArrayBuffer>, exif: Uint8Array): Buffer<ArrayBuffer> | undefined {
  const boxes = readBoxes(avif)
  const at = boxes.findIndex(({ type }) => type === 'meta')
  const meta = boxes[at]
  if (meta === undefined || !coverAll(boxes, avif)) return undefined
  // 4 bytes say where in the item the TIFF header begins, behind them.
  const item = Buffer.concat([Buffer.alloc(4), exif])
  const children = readBoxes(meta.body.subarray(FULL_BOX_BYTES))
  const draft = writeMeta(meta, children, { shift: 0, offset: 0, length: item.length })
  if (draft === undefined) return undefined
  const shift = draft.length - (meta.body.length + 8)
  const written = writeMeta(meta, children, { shift, offset: avif.length + shift + 8, length: item.length })
  const before = boxes.slice(0, at).map(({ whole }) => whole)
  const after = boxes.slice(at + 1).map(({ whole }) => whole)
  return written && Buffer.concat([...before, written, ...after, writeBox('mdat', item)])
}

/** A new item, and the bytes by which those of the others move. */
interface NewItem {
  readonly shift: number
  readonly offset: number
  readonly length: number
}

function writeMeta(meta: Box, children: readonly Box[], item: NewItem): Buffer | undefined {
  const find = (type: string) => children.find((box) => box.type === type)?.body
  const [infos, places, primary, references] = ['iinf', 'iloc', 'pitm', 'iref'].map(find)
  if (infos === undefined || places === undefined || primary?.length !== 6 || infos[0] !== 0) return undefined
  const id = 1 + Math.max(...readIds(infos))
  const iloc = addPlace(places, id, item)
  if (iloc === undefined || id > 0xffff) return undefined
  const others = children.filter(({ type }) => type !== 'iinf' && type !== 'iloc' && type !== 'iref')
  const body = Buffer.concat([
    meta.body.subarray(0, FULL_BOX_BYTES),
    ...others.map(({ whole }) => whole),
    writeBox('iloc', iloc),
    writeBox('iinf', addInfo(infos, id)),
    writeBox('iref', addReference(references, id, primary.readUInt16BE(4))),
  ])
  return writeBox('meta', body)
}

/** Returns the ids of the items, from `infe` boxes of version 2. */
function readIds(infos: Buffer): readonly number[] {
  return readBoxes(infos.subarray(FULL_BOX_BYTES + 2)).map(({ body }) => body.readUInt16BE(FULL_BOX_BYTES))
}

function addInfo(infos: Buffer, id: number): Buffer {
  const info = Buffer.from([2, 0, 0, 0, id >> 8, id & 255, 0, 0, ...Buffer.from('Exif\0')])
  const grown = Buffer.concat([infos, writeBox('infe', info)])
  grown.writeUInt16BE(infos.readUInt16BE(FULL_BOX_BYTES) + 1, FULL_BOX_BYTES)
  return grown
}

/** The EXIF describes the primary picture (`cdsc`). */
function addReference(references: Buffer | undefined, id: number, primary: number): Buffer {
  const body = Buffer.from([id >> 8, id & 255, 0, 1, primary >> 8, primary & 255])
  return Buffer.concat([references ?? Buffer.alloc(FULL_BOX_BYTES), writeBox('cdsc', body)])
}

/** Moves the items by the shift, and adds one. Version 0: id, reference to another file, base, extents. */
function addPlace(places: Buffer, id: number, { shift, offset, length }: NewItem): Buffer | undefined {
  const sizes = places.readUInt16BE(FULL_BOX_BYTES)
  if (places[0] !== 0 || (sizes !== 0x4440 && sizes !== 0x4400)) return undefined
  const hasBase = sizes === 0x4440
  const count = places.readUInt16BE(6)
  const moved = Buffer.from(places)
  let at = 8
  for (let index = 0; index < count; index++) {
    const base = at + 4
    const extents = moved.readUInt16BE(base + (hasBase ? 4 : 0))
    at = base + (hasBase ? 6 : 2)
    if (hasBase) moved.writeUInt32BE(moved.readUInt32BE(base) + shift, base)
    for (let extent = 0; extent < extents; extent++, at += 8) {
      if (!hasBase) moved.writeUInt32BE(moved.readUInt32BE(at) + shift, at)
    }
  }
  const entry = Buffer.alloc(hasBase ? 18 : 14)
  entry.writeUInt16BE(id)
  entry.writeUInt16BE(1, entry.length - 10)
  entry.writeUInt32BE(offset, entry.length - 8)
  entry.writeUInt32BE(length, entry.length - 4)
  moved.writeUInt16BE(count + 1, 6)
  return Buffer.concat([moved, entry])
}

function coverAll(boxes: readonly Box[], bytes: Buffer): boolean {
  return (
    boxes.reduce((sum, { whole }) => sum + whole.length, 0) === bytes.length &&
    boxes.every(({ isPlain }) => isPlain)
  )
}
