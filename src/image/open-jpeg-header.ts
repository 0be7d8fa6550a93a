import type { Metadata } from 'sharp'
import { openExif } from '../metadata/exif-reader.js'
import { readJpegHeader } from './jpeg-header.js'
import type { OpenImage, OpenOptions } from './open-image.js'

/** EXIF tag of the orientation. */
export const ORIENTATION = 0x0112
const ORIENTATIONS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8])

/**
 * Opens a JPEG by its header, without sharp. Returns undefined if only sharp can tell: for an unusual header or orientation,
 * or more pixels than the limit.
 */
export function openJpegHeader(bytes: Uint8Array, options: OpenOptions): OpenImage | undefined {
  const header = readJpegHeader(bytes)
  if (header === undefined) return undefined
  const { width, height, components, isProgressive, exif, icc } = header
  const orientation = openExif(exif)?.image.numbers(ORIENTATION)[0]
  if (orientation !== undefined && !ORIENTATIONS.has(orientation)) return undefined
  if (width * height > options.limits.pixels) return undefined
  const swapsSides = orientation !== undefined && orientation > 4
  const metadata: Metadata = {
    format: 'jpeg',
    width,
    height,
    autoOrient: swapsSides ? { width: height, height: width } : { width, height },
    space: components === 1 ? 'b-w' : 'srgb',
    channels: components,
    depth: 'uchar',
    isProgressive,
    isPalette: false,
    hasProfile: icc !== undefined,
    hasAlpha: false,
    orientation,
    exif,
    icc,
  }
  return { bytes, metadata, format: 'jpeg', options }
}
