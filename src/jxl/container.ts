import { brotliDecompressSync } from 'node:zlib'
import { readBoxes, writeBox, type Box } from '../metadata/iso-boxes.js'

/*
 * A JPEG XL is a bare codestream, or boxes: the codestream whole (`jxlc`) or in parts (`jxlp`), EXIF, XMP (`xml `), and data
 * that gives back a JPEG (`jbrd`). A `brob` is another box, compressed by Brotli. (ISO/IEC 18181-2)
 */

const CONTAINER = Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1')

/** A codestream's first bytes are ff 0a. */
function isCodestream(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0x0a
}

function isContainer(bytes: Uint8Array): boolean {
  return CONTAINER.equals(bytes.subarray(0, CONTAINER.length))
}

/** Returns true for a file that begins with one of the two signatures of JPEG XL. */
export function isJxl(bytes: Uint8Array): boolean {
  return isCodestream(bytes) || isContainer(bytes)
}

/** The contents of a file. */
export interface JxlContents {
  /** Empty if there is none. */
  readonly codestream: Uint8Array
  /** TIFF structure. */
  readonly exif?: Buffer | undefined
  readonly xmp?: Buffer | undefined
  /** True if it holds what gives back the JPEG that it was made from. */
  readonly holdsJpeg: boolean
  /** Bytes that the last box says it has, beyond the end of the file. */
  readonly missing: number
}

/** Reads the boxes of a file. A damaged box of metadata counts as missing. */
export function readContents(bytes: Uint8Array): JxlContents {
  if (isCodestream(bytes)) return { codestream: bytes, holdsJpeg: false, missing: 0 }
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const boxes = readBoxes(file)
  const read = boxes.reduce((sum, { whole }) => sum + whole.length, 0)
  const rest = readCutOff(file.subarray(read))
  const all = [...boxes, ...rest.boxes]
  // The first four bytes say where in the box the TIFF header begins, behind them.
  const exif = findMetadata(boxes, 'Exif')
  const skipped = exif === undefined || exif.length < 4 ? 0 : 4 + exif.readUInt32BE()
  return {
    codestream: joinCodestream(all),
    exif: exif !== undefined && skipped > 0 && skipped < exif.length ? exif.subarray(skipped) : undefined,
    xmp: findMetadata(boxes, 'xml '),
    holdsJpeg: boxes.some(({ type }) => type === 'jbrd'),
    missing: rest.missing,
  }
}

/** Reads a last box that is cut off. */
function readCutOff(file: Buffer): {
  readonly boxes: readonly Pick<Box, 'type' | 'body'>[]
  readonly missing: number
} {
  if (file.length < 8) return { boxes: [], missing: file.length === 0 ? 0 : 8 - file.length }
  const type = file.toString('latin1', 4, 8)
  const short = file.readUInt32BE()
  const header = short === 1 ? 16 : 8
  const size = short === 1 && file.length >= 16 ? Number(file.readBigUInt64BE(8)) : short
  // A size that is less than its own header is no sign of a cut.
  if (size < header) return { boxes: [], missing: 0 }
  return { boxes: [{ type, body: file.subarray(header) }], missing: size - file.length }
}

function joinCodestream(boxes: readonly Pick<Box, 'type' | 'body'>[]): Uint8Array {
  const whole = boxes.find(({ type }) => type === 'jxlc')
  if (whole !== undefined) return whole.body
  // The number of a part takes four bytes.
  return Buffer.concat(boxes.filter(({ type }) => type === 'jxlp').map(({ body }) => body.subarray(4)))
}

/** Bytes of metadata beyond which compressed data is taken for an attack. */
const MAX_METADATA_BYTES = 2 ** 24

/** Returns the body of the first box of a type, decompressed. */
function findMetadata(boxes: readonly Box[], wanted: string): Buffer | undefined {
  const plain = boxes.find(({ type }) => type === wanted)
  if (plain !== undefined) return plain.body
  const packed = boxes.find(({ type, body }) => type === 'brob' && body.toString('latin1', 0, 4) === wanted)
  if (packed === undefined) return undefined
  try {
    return brotliDecompressSync(packed.body.subarray(4), { maxOutputLength: MAX_METADATA_BYTES })
  } catch {
    return undefined
  }
}

/** Metadata to write. */
export interface JxlMetadata {
  /** TIFF structure. */
  readonly exif?: Uint8Array | undefined
  readonly xmp?: Uint8Array | undefined
}

/** Boxes that come first. */
const LEADING: ReadonlySet<string> = new Set(['JXL ', 'ftyp', 'jxll'])

/** Returns a file with metadata, before the pixels, so that readers find it early. It becomes a container if it is none. */
export function addJxlMetadata(file: Buffer<ArrayBuffer>, { exif, xmp }: JxlMetadata): Buffer<ArrayBuffer> {
  if (exif === undefined && xmp === undefined) return file
  const boxes = [
    ...(exif === undefined ? [] : [writeBox('Exif', Buffer.alloc(4), exif)]),
    ...(xmp === undefined ? [] : [writeBox('xml ', xmp)]),
  ]
  if (isCodestream(file)) {
    const type = writeBox('ftyp', Buffer.from('jxl \0\0\0\0jxl ', 'latin1'))
    return Buffer.concat([CONTAINER, type, ...boxes, writeBox('jxlc', file)])
  }
  const all = readBoxes(file)
  const at = all.findIndex(({ type }) => !LEADING.has(type))
  const place = all[at]?.start ?? file.length
  return Buffer.concat([file.subarray(0, place), ...boxes, file.subarray(place)])
}
