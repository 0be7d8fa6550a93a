import sharp from 'sharp'

/** Names of the tags that the tests look for. */
const NAMES: Record<number, string> = {
  0x010f: 'Make',
  0x0110: 'Model',
  0x0112: 'Orientation',
  0x013b: 'Artist',
  0x8298: 'Copyright',
  0x8769: 'Exif',
  0x8825: 'GPS',
  0x9003: 'DateTimeOriginal',
}

export interface ExifTags {
  /** Texts and numbers of the main and the Exif directory, by name. Other values are offsets. */
  readonly tags: Readonly<Record<string, string | number>>
  /** Offset of the directory of the embedded thumbnail; 0 if there is none. */
  readonly thumbnail: number
  /** The whole block. */
  readonly block: Buffer
}

/** Reads the EXIF of an encoded image. Returns undefined if there is none. */
export async function readExif(bytes: Uint8Array): Promise<ExifTags | undefined> {
  const { exif } = await sharp(bytes).metadata()
  if (exif === undefined) return undefined
  const tiff = exif.toString('latin1', 0, 4) === 'Exif' ? exif.subarray(6) : exif
  const little = tiff.toString('latin1', 0, 2) === 'II'
  const read16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const read32 = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at))
  const tags: Record<string, string | number> = {}
  const readDirectory = (start: number): number => {
    const end = start + 2 + read16(start) * 12
    for (let at = start + 2; at < end; at += 12) {
      const name = NAMES[read16(at)]
      const [type, length, value] = [read16(at + 2), read32(at + 4), read32(at + 8)]
      const text = tiff.toString('latin1', value, value + length - 1)
      if (name !== undefined) tags[name] = type === 2 ? text : type === 3 ? read16(at + 8) : value
      if (name === 'Exif') readDirectory(value)
    }
    return read32(end)
  }
  return { thumbnail: readDirectory(read32(4)), tags, block: exif }
}
