import { addMetadata } from '../metadata/png/chunks.js'
import { sharp } from '../sharp.js'
import type { JxlPixels } from './types.js'

/** Metadata that a picture keeps. */
interface Kept {
  readonly exif?: Uint8Array | undefined
  readonly xmp?: Uint8Array | undefined
}

/** Writes an uncompressed PNG of the same depth, with the profile of the pixels. */
export async function toPng(
  { width, height, channels, data, icc }: JxlPixels,
  kept: Kept = {},
): Promise<Buffer> {
  const isDeep = data instanceof Uint16Array
  const space = channels < 3 ? (isDeep ? 'grey16' : 'b-w') : isDeep ? 'rgb16' : 'srgb'
  const png = await sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
    .toColourspace(space)
    .png({ compressionLevel: 0 })
    .toBuffer()
  return addMetadata(png, { icc, exif: kept.exif, xmp: kept.xmp })
}
