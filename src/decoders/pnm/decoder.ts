import { throwIfAborted } from '../../errors.js'
import type { Decoder } from '../../image/types.js'
import { checkPixels } from '../errors.js'
import { toMetadata } from '../own-header.js'
import { pixelOptions } from '../pixel-options.js'
import { encodePng } from '../pixels.js'
import { isPnm, readPnmHeader } from './header.js'
import { readSamples } from './samples.js'

/** Samples, the PNG of them, and a copy of sharp. The estimate counts twice as many for 16 bits. */
const BYTES_PER_PIXEL = 16

/**
 * Decoder of PBM, PGM, PPM and PAM (P1 to P7), of 1 to 16 bits. It returns a PNG. The first of several pictures
 * in a file is read. Their numbers are taken as sRGB, as all programs do.
 *
 * `decode` throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, TIMED_OUT and ABORTED.
 */
export const pnmDecoder: Decoder = {
  bytesPerPixel: BYTES_PER_PIXEL,
  accepts: ({ format }) => format === 'pnm',
  readHeader(bytes) {
    if (!isPnm(bytes)) return undefined
    const { width, height, channels, max } = readPnmHeader(bytes)
    return toMetadata({ format: 'pnm', width, height, channels, isDeep: max > 255 })
  },
  async decode(bytes, _metadata, options) {
    throwIfAborted(options.signal)
    const header = readPnmHeader(bytes)
    const { width, height, channels } = header
    checkPixels(width, height, options.maxPixels)
    const data = await readSamples(bytes, header, pixelOptions(options))
    return encodePng({ width, height, channels, data }, {})
  },
}
