import type { Metadata } from 'sharp'
import type { Decoder } from '../../image/types.js'
import { throwIfAborted } from '../../errors.js'
import { ICC_TAG, replaceTiffPixels } from '../../metadata/replace-tiff-pixels.js'
import { classify } from './classify.js'
import { convertPixels, isLab } from './convert.js'
import { createTiffError, createUnsupportedError } from './errors.js'
import { checkBlocks } from './blocks.js'
import { COMPRESSION, readTiffLayout, type TiffLayout } from './layout.js'
import { startWorkClock } from './work-clock.js'

/** A copy of the source, and 4 channels of 16 bits. */
const BYTES_PER_PIXEL = 20

/** 4 channels of 16 bits and an alpha. */
const MAX_PIXEL_BYTES = 10
/** Positions in a TIFF have 32 bits. */
const MAX_FILE_BYTES = 2 ** 32 - 2 ** 16

/**
 * Creates a decoder of TIFFs that sharp reads wrongly or not at all: spare channels, floating point, odd depths, YCbCr, Lab.
 * It returns the same TIFF with plain pixels of 8 or 16 bits; all that is not about pixels stays. A TIFF with Deflate
 * compression that sharp reads right is checked and returned as it is. Others are not accepted.
 *
 * `decode` throws UNSUPPORTED_FORMAT, naming what is not supported, CORRUPT_IMAGE, TOO_MANY_PIXELS, TIMED_OUT and ABORTED.
 */
export function createTiffDecoder(): Decoder {
  return {
    bytesPerPixel: BYTES_PER_PIXEL,
    accepts({ bytes, format }) {
      if (format !== 'tiff') return false
      const layout = readTiffLayout(bytes)
      return layout !== undefined && (classify(layout) !== 'plain' || isDeflated(layout))
    },
    readHeader(bytes) {
      const layout = readTiffLayout(bytes)
      return layout === undefined || classify(layout) === 'plain' ? undefined : headerOf(layout)
    },
    async decode(bytes, metadata, { signal, maxPixels, seconds, failOn = 'error' }) {
      throwIfAborted(signal)
      const layout = readTiffLayout(bytes)
      const verdict = layout === undefined ? 'plain' : classify(layout)
      if (layout === undefined) return bytes
      if (typeof verdict === 'object') throw createUnsupportedError(verdict.unsupported)
      const clock = startWorkClock(seconds, signal)
      if (verdict === 'plain' && (failOn === 'none' || (await checkBlocks(bytes, layout, { failOn, clock }))))
        return bytes
      const { width, height } = layout
      if (width * height > maxPixels) {
        throw createTiffError(
          'TOO_MANY_PIXELS',
          `${width}x${height} is more than the limit of ${maxPixels} pixels. If you trust the file, raise limits.pixels (--limit-pixels).`,
        )
      }
      if (bytes.length + width * height * MAX_PIXEL_BYTES > MAX_FILE_BYTES) {
        throw createTiffError(
          'TOO_MANY_PIXELS',
          `${width}x${height} is too large for a TIFF that has to be converted.`,
        )
      }
      const pixels = await convertPixels(bytes, layout, { failOn, clock })
      // The profile of Lab does not describe the sRGB that it becomes.
      const without = isLab(layout) ? [ICC_TAG] : []
      return replaceTiffPixels(bytes, layout.tags, { ...pixels, width, height }, without)
    },
  }
}

/** Deflate has a checksum, which libtiff does not read. */
function isDeflated({ compression }: TiffLayout): boolean {
  return compression === COMPRESSION.deflate || compression === COMPRESSION.oldDeflate
}

/** Returns what has to be known before decoding, for files whose header sharp does not read. */
function headerOf({ width, height, alpha, bits }: TiffLayout): Metadata {
  return {
    format: 'tiff',
    width,
    height,
    channels: alpha === undefined ? 3 : 4,
    autoOrient: { width, height },
    space: 'srgb',
    depth: bits === 8 ? 'uchar' : 'ushort',
    hasAlpha: alpha !== undefined,
    hasProfile: false,
    isProgressive: false,
    isPalette: false,
  }
}
