import { throwIfAborted } from '../../errors.js'
import type { Decoder } from '../../image/types.js'
import { BT709, gammaCurve } from '../../metadata/colour-description.js'
import { writeRgbProfile } from '../../metadata/icc-writer.js'
import { checkPixels, createDamagedError } from '../errors.js'
import { toMetadata } from '../own-header.js'
import { pixelOptions } from '../pixel-options.js'
import { encodePng } from '../pixels.js'
import { decodeQoi, readQoiHeader } from './pixels.js'

/** Pixels, the PNG of them, and a copy of sharp. */
const BYTES_PER_PIXEL = 16

/**
 * Decoder of QOI. It returns a PNG, with a profile if the pixels are linear.
 *
 * `decode` throws CORRUPT_IMAGE, TOO_MANY_PIXELS, TIMED_OUT and ABORTED.
 */
export const qoiDecoder: Decoder = {
  bytesPerPixel: BYTES_PER_PIXEL,
  accepts: ({ format }) => format === 'qoi',
  readHeader(bytes) {
    const header = readQoiHeader(bytes)
    if (header === undefined) return undefined
    const { width, height, channels } = header
    if (width === 0 || height === 0) throw createDamagedError(`its header says ${width}x${height} pixels`)
    return toMetadata({ format: 'qoi', width, height, channels })
  },
  async decode(bytes, _metadata, options) {
    throwIfAborted(options.signal)
    const header = readQoiHeader(bytes)
    if (header === undefined) throw createDamagedError('it has no header of a QOI')
    const { width, height, channels, isLinear } = header
    checkPixels(width, height, options.maxPixels)
    const data = await decodeQoi(bytes, header, pixelOptions(options))
    const icc = isLinear ? writeRgbProfile(BT709, gammaCurve(1)) : undefined
    return encodePng({ width, height, channels, data }, { icc })
  },
}
