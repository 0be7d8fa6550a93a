import type { Decoder } from '../../image/types.js'
import { throwIfAborted } from '../../errors.js'
import { checkPixels } from '../errors.js'
import { toMetadata } from '../own-header.js'
import { pixelOptions } from '../pixel-options.js'
import { encodePng } from '../pixels.js'
import { isBmp, readBmpLayout } from './layout.js'
import { decodeBmpPixels } from './pixels.js'

/** RGBA pixels, the PNG of them, and a copy of sharp. */
const BYTES_PER_PIXEL = 16

/**
 * Decoder of BMP. It returns a PNG with the ICC profile of the source.
 *
 * `decode` throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, TIMED_OUT and ABORTED.
 */
export const bmpDecoder: Decoder = {
  bytesPerPixel: BYTES_PER_PIXEL,
  accepts: ({ format }) => format === 'bmp',
  readHeader(bytes) {
    if (!isBmp(bytes)) return undefined
    const { width, height, masks, bits, isRle, icc } = readBmpLayout(bytes)
    return toMetadata({
      format: 'bmp',
      width,
      height,
      channels: masks[3] === 0 ? 3 : 4,
      isPalette: bits <= 8,
      compression: isRle ? 'rle' : undefined,
      icc,
    })
  },
  async decode(bytes, _metadata, options) {
    throwIfAborted(options.signal)
    const layout = readBmpLayout(bytes)
    const { width, height, icc } = layout
    checkPixels(width, height, options.maxPixels)
    const { data, hasAlpha } = await decodeBmpPixels(bytes, layout, pixelOptions(options))
    return encodePng({ width, height, channels: 4, data }, { icc }, hasAlpha)
  },
}
