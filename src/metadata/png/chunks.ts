import { crc32, deflateSync } from 'node:zlib'
import type { ColourPair } from '../colour-description.js'
import { withOrientation } from '../exif/set-orientation.js'

/** Metadata to add to a PNG. */
export interface PictureMetadata {
  readonly icc?: Uint8Array | undefined
  readonly exif?: Uint8Array | undefined
  readonly xmp?: Uint8Array | undefined
  /** Replaces the orientation in the EXIF. @default 1 */
  readonly orientation?: number | undefined
}

/** The signature, then IHDR: length, type, 13 bytes, checksum. (PNG, third edition, sections 5.2 and 11.2.1) */
const SIGNATURE_BYTES = 8
const HEADER_BYTES = SIGNATURE_BYTES + 4 + 4 + 13 + 4

/**
 * Returns a PNG with metadata inserted behind its header. sharp would convert the colours to the profile that it attaches,
 * but these pixels already have the profile's colours. EXIF that can't be read is left out.
 */
export function addMetadata(
  png: Uint8Array,
  { icc, exif, xmp, orientation = 1 }: PictureMetadata,
): Buffer<ArrayBuffer> {
  const tiff = exif && withOrientation(exif, orientation)
  return Buffer.concat([
    png.subarray(0, HEADER_BYTES),
    // A PNG is invalid with a profile of another colour space.
    ...(icc !== undefined && colourSpace(icc) === spaceOf(png) ? [makeChunk('iCCP', profileData(icc))] : []),
    ...(tiff === undefined ? [] : [makeChunk('eXIf', tiff)]),
    ...(xmp === undefined ? [] : [makeChunk('iTXt', xmpData(xmp))]),
    png.subarray(HEADER_BYTES),
  ])
}

/** Returns the EXIF of a PNG at any place; undefined if there is none. libspng does not read it behind the pixels. */
export function readPngExif(png: Uint8Array): Buffer | undefined {
  return findAnywhere(Buffer.from(png.buffer, png.byteOffset, png.byteLength), 'eXIf')
}

/** Returns true if a PNG has a chunk of a type at any place. */
export function hasPngChunk(png: Buffer, type: string): boolean {
  return findAnywhere(png, type) !== undefined
}

/** Returns the data of the first chunk of a type, before or behind the pixels. */
function findAnywhere(file: Buffer, type: string): Buffer | undefined {
  for (let at = SIGNATURE_BYTES; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at)
    if (file.toString('latin1', at + 4, at + 8) === type) return file.subarray(at + 8, at + 8 + length)
    at += length + 12
  }
  return undefined
}

/** Returns a PNG with EXIF inserted behind its header. */
export function addExifToPng(png: Uint8Array, exif: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([png.subarray(0, HEADER_BYTES), makeChunk('eXIf', exif), png.subarray(HEADER_BYTES)])
}

const INCHES_PER_METRE = 1 / 0.0254
const METRE = 1

/** Returns a PNG with a resolution in pixels per inch, instead of its own. (PNG, third edition, section 11.3.4.3) */
export function setPngDensity(png: Buffer, density: number): Buffer<ArrayBuffer> {
  const data = Buffer.alloc(9)
  const perMetre = Math.round(density * INCHES_PER_METRE)
  data.writeUInt32BE(perMetre, 0)
  data.writeUInt32BE(perMetre, 4)
  data[8] = METRE
  const plain = withoutChunk(png, 'pHYs')
  return Buffer.concat([
    plain.subarray(0, HEADER_BYTES),
    makeChunk('pHYs', data),
    plain.subarray(HEADER_BYTES),
  ])
}

function withoutChunk(png: Buffer, type: string): Buffer {
  const old = findChunks(png)?.find((each) => each.type === type)?.chunk
  if (old === undefined) return png
  const at = old.byteOffset - png.byteOffset
  return Buffer.concat([png.subarray(0, at), png.subarray(at + old.length)])
}

/** Returns a PNG with codes of its colours, which take precedence over a profile. (PNG, third edition, section 11.3.2.6) */
export function addCodesToPng(png: Buffer, { primaries, transfer }: ColourPair): Buffer<ArrayBuffer> {
  const chunk = makeChunk('cICP', Buffer.from([primaries, transfer, 0, 1]))
  return Buffer.concat([png.subarray(0, HEADER_BYTES), chunk, png.subarray(HEADER_BYTES)])
}

/** Returns a chunk: length, type, data, and the checksum of type and data. */
export function makeChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(data.length + 12)
  chunk.writeUInt32BE(data.length)
  chunk.write(type, 4, 'latin1')
  chunk.set(data, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), data.length + 8)
  return chunk
}

/** Data of the chunks before the pixels. If a type occurs again, the first counts. */
export type PngChunks = ReadonlyMap<string, Buffer>

/** Returns the chunks of a PNG before its pixels. Returns undefined if it is no PNG, or damaged. */
export function readChunks(png: Uint8Array): PngChunks | undefined {
  const found = findChunks(Buffer.from(png.buffer, png.byteOffset, png.byteLength))
  if (found === undefined) return undefined
  return new Map(found.map(({ type, chunk }) => [type, chunk.subarray(8, -4)] as const).toReversed())
}

/** Chunks that say what the numbers of the pixels mean. */
const COLOUR_CHUNKS: ReadonlySet<string> = new Set(['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM', 'mDCV', 'cLLI'])

/** Returns a PNG with this profile, or with none, instead of its chunks about colours. The pixels are left as they are. */
export function replaceColour(png: Uint8Array, icc?: Uint8Array): Buffer<ArrayBuffer> {
  const file = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  const chunks = findChunks(file) ?? []
  const end = HEADER_BYTES + chunks.slice(1).reduce((sum, { chunk }) => sum + chunk.length, 0)
  return Buffer.concat([
    file.subarray(0, HEADER_BYTES),
    ...(icc === undefined ? [] : [makeChunk('iCCP', profileData(icc))]),
    ...chunks.slice(1).flatMap(({ type, chunk }) => (COLOUR_CHUNKS.has(type) ? [] : [chunk])),
    file.subarray(end),
  ])
}

/** Returns a PNG with other data in a chunk before its pixels. Returns undefined if `change` does, or without the chunk. */
export function rewriteChunk(
  file: Buffer,
  type: string,
  change: (data: Buffer) => Buffer | undefined,
): Buffer | undefined {
  const old = findChunks(file)?.find((each) => each.type === type)?.chunk
  const data = old && change(old.subarray(8, -4))
  if (old === undefined || data === undefined) return undefined
  const at = old.byteOffset - file.byteOffset
  return Buffer.concat([file.subarray(0, at), makeChunk(type, data), file.subarray(at + old.length)])
}

/** Returns the whole chunks before the pixels, IHDR first. */
function findChunks(file: Buffer): { readonly type: string; readonly chunk: Buffer }[] | undefined {
  if (file.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n' || file.toString('latin1', 12, 16) !== 'IHDR')
    return undefined
  const chunks = []
  for (let at = 8; at + 12 <= file.length;) {
    const type = file.toString('latin1', at + 4, at + 8)
    if (type === 'IDAT') return chunks
    const end = at + 12 + file.readUInt32BE(at)
    if (end > file.length) return undefined
    chunks.push({ type, chunk: file.subarray(at, end) })
    at = end
  }
  return undefined
}

/** Place of the colour type: the second bit tells colour. (PNG, third edition, section 11.2.1) */
const COLOUR_TYPE = 25
const IS_COLOUR = 2

function spaceOf(png: Uint8Array): string {
  return (png[COLOUR_TYPE]! & IS_COLOUR) === 0 ? 'GRAY' : 'RGB '
}

function colourSpace(icc: Uint8Array): string {
  return Buffer.from(icc.subarray(16, 20)).toString('latin1')
}

/** Writes a name, its end, 0 for deflate, and the profile. */
function profileData(icc: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('icc\0\0'), deflateSync(withTrueLength(icc))])
}

/** Returns a profile whose header tells its length. libpng ignores others, but lcms reads them from other formats. */
function withTrueLength(icc: Uint8Array): Uint8Array {
  const told = icc.length < 4 ? 0 : Buffer.from(icc.subarray(0, 4)).readUInt32BE()
  if (told === icc.length) return icc
  const padded = Buffer.alloc(Math.ceil(icc.length / 4) * 4)
  padded.set(icc)
  padded.writeUInt32BE(padded.length)
  return padded
}

/** Writes the keyword and its end, 0 and 0 for no compression, no language, no translated keyword, and the text. */
function xmpData(xmp: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0'), xmp])
}
