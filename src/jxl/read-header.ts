import type { Metadata } from 'sharp'
import { withOrientation } from '../metadata/exif/set-orientation.js'
import { readCodestreamHeader } from './codestream-header.js'
import { isJxl, readContents, type JxlContents } from './container.js'
import type { JxlHeader } from './types.js'

/** The header of a file, and its metadata. */
export interface JxlFile extends JxlContents {
  readonly header: JxlHeader
}

/** Reads the header of a JPEG XL. Returns undefined for another file, and `damaged` if it can't be read. */
export function readJxl(bytes: Uint8Array): JxlFile | 'damaged' | undefined {
  if (!isJxl(bytes)) return undefined
  const contents = readContents(bytes)
  try {
    return { ...contents, header: readCodestreamHeader(contents.codestream) }
  } catch (error) {
    if (error instanceof RangeError) return 'damaged'
    throw error
  }
}

/** Returns the metadata of a JPEG XL as sharp would tell it. The picture is upright, so the EXIF says so too. */
export function toMetadata({ header, exif, xmp }: JxlFile): Metadata {
  const { width, height, isGrey, hasAlpha, bits, colour } = header
  const isDeep = bits > 8
  const upright = exif && withOrientation(exif, 1)
  return {
    format: 'jxl',
    width,
    height,
    autoOrient: { width, height },
    space: isGrey ? (isDeep ? 'grey16' : 'b-w') : isDeep ? 'rgb16' : 'srgb',
    channels: ((isGrey ? 1 : 3) + (hasAlpha ? 1 : 0)) as 1 | 2 | 3 | 4,
    depth: isDeep ? 'ushort' : 'uchar',
    bitsPerSample: bits,
    hasAlpha,
    hasProfile: colour.kind !== 'srgb',
    isProgressive: false,
    isPalette: false,
    ...(upright !== undefined && { exif: upright }),
    ...(xmp !== undefined && { xmp }),
  }
}
