import { readFile } from 'node:fs/promises'
import sharp from 'sharp'

/** Size of the preview that cameras write. */
const PREVIEW = { width: 160, height: 160, fit: 'inside' } as const
const EXIF = Buffer.from('Exif\0\0', 'latin1')
const APP1 = 0xe1
const START_OF_SCAN = 0xda

/** Offsets in the EXIF written here, from its TIFF header. */
const FIRST = 8
const SECOND = FIRST + 6 + 12
const PREVIEW_AT = SECOND + 6 + 3 * 12

/** Returns a copy of a JPEG whose EXIF holds only its orientation and a preview of 160 pixels. */
export async function addPreview(path: string): Promise<Buffer> {
  const file = await readFile(path)
  const { orientation = 1 } = await sharp(file).metadata()
  return insertExif(file, orientation, await makePreview(file))
}

/** Returns the preview of a file that `addPreview` has made, with the file's orientation. */
export function readPreview(file: Buffer): Buffer {
  const tiff = file.subarray(4 + EXIF.length + 2)
  const orientation = tiff.readUInt32LE(FIRST + 2 + 8)
  const length = tiff.readUInt32LE(SECOND + 2 + 2 * 12 + 8)
  const preview = tiff.subarray(PREVIEW_AT, PREVIEW_AT + length)
  return insertExif(preview, orientation, Buffer.alloc(0))
}

function insertExif(jpeg: Buffer, orientation: number, preview: Buffer): Buffer {
  const exif = writeExif(orientation, preview)
  const header = Buffer.from([0xff, APP1, 0, 0])
  header.writeUInt16BE(exif.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), header, exif, withoutExif(jpeg)])
}

/** Makes the preview with the stored orientation and without metadata. */
function makePreview(file: Buffer): Promise<Buffer> {
  return sharp(file).resize(PREVIEW).jpeg().toBuffer()
}

/** Writes a TIFF with two directories (Exif 2.32, section 4.5): the image's orientation, and the preview. */
function writeExif(orientation: number, preview: Buffer): Buffer {
  const first = [[0x0112, 3, orientation]]
  const second = [
    [0x0103, 3, 6],
    [0x0201, 4, PREVIEW_AT],
    [0x0202, 4, preview.length],
  ]
  const header = Buffer.from('II*\0\x08\0\0\0', 'latin1')
  return Buffer.concat([EXIF, header, writeDirectory(first, SECOND), writeDirectory(second, 0), preview])
}

/** Writes entries of tag, type (3: 16 bits, 4: 32 bits) and value, and the offset of the next directory. */
function writeDirectory(entries: readonly (readonly number[])[], next: number): Buffer {
  const directory = Buffer.alloc(6 + entries.length * 12)
  directory.writeUInt16LE(entries.length)
  for (const [index, [tag = 0, type = 0, value = 0]] of entries.entries()) {
    const at = 2 + index * 12
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(type, at + 2)
    directory.writeUInt32LE(1, at + 4)
    directory.writeUInt32LE(value, at + 8)
  }
  directory.writeUInt32LE(next, directory.length - 4)
  return directory
}

/** Returns a JPEG after its first marker, without EXIF. */
function withoutExif(file: Buffer): Buffer {
  const kept: Buffer[] = []
  let at = 2
  while (file[at + 1] !== START_OF_SCAN) {
    const end = at + 2 + file.readUInt16BE(at + 2)
    const isExif = file[at + 1] === APP1 && file.subarray(at + 4, at + 4 + EXIF.length).equals(EXIF)
    if (!isExif) kept.push(file.subarray(at, end))
    at = end
  }
  return Buffer.concat([...kept, file.subarray(at)])
}
