import type { Metadata } from 'sharp'
import { sharp } from '../sharp.js'
import type { DecoderOptions } from '../image/types.js'
import { explainSharpError } from '../image/explain-sharp-error.js'
import { addMetadata, type PictureMetadata } from '../metadata/png/chunks.js'

/** Pixels of red, green and blue, or of grey, and perhaps alpha, with the numbers of the file. */
export interface FilePixels {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
  /** 16 bits a channel if the file has more than 8. */
  readonly data: Uint8Array | Uint16Array
}

/** Options of `decodePixels`. */
export interface PixelOptions extends DecoderOptions {
  /** Leaves the numbers as they are; else they are converted to sRGB. @default true */
  readonly keepsColours?: boolean | undefined
}

/**
 * Decodes with sharp, without converting colours unless asked, and without turning the picture upright.
 *
 * Throws CORRUPT_IMAGE, TOO_MANY_PIXELS, TIMED_OUT.
 */
export async function decodePixels(
  bytes: Uint8Array,
  { depth, hasAlpha }: Metadata,
  { maxPixels, seconds, failOn = 'error', keepsColours = true }: PixelOptions,
): Promise<FilePixels> {
  const isDeep = depth === 'ushort'
  try {
    const image = sharp(bytes, { failOn, limitInputPixels: maxPixels }).timeout({ seconds })
    // Keeping the profile makes sharp leave the values as they are.
    const { data, info } = await (keepsColours ? image.keepIccProfile() : image)
      .toColourspace(isDeep ? 'rgb16' : 'srgb')
      .raw({ depth: isDeep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const { width, height } = info
    const values = isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data
    return { width, height, channels: hasAlpha ? 4 : 3, data: values }
  } catch (error) {
    throw explainSharpError(error, 'decode')
  }
}

/** Writes an uncompressed PNG of the same depth, without its alpha if that is not wanted. */
export async function encodePng(
  { width, height, channels, data }: FilePixels,
  metadata: PictureMetadata,
  keepsAlpha = true,
): Promise<Buffer> {
  const image = sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
  const isDeep = data instanceof Uint16Array
  const space = channels < 3 ? (isDeep ? 'grey16' : 'b-w') : isDeep ? 'rgb16' : 'srgb'
  const png = await (keepsAlpha ? image : image.removeAlpha())
    .toColourspace(space)
    .png({ compressionLevel: 0 })
    .toBuffer()
  return addMetadata(png, metadata)
}

/** Divides the colours by alpha in place. */
export function unpremultiply({ data, channels }: FilePixels): void {
  if (channels !== 4) return
  const max = data instanceof Uint16Array ? 65535 : 255
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]!
    if (alpha === 0 || alpha === max) continue
    for (let channel = at; channel < at + 3; channel++) {
      data[channel] = Math.min(max, Math.round((data[channel]! * max) / alpha))
    }
  }
}
