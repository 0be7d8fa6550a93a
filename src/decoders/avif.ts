import type { Decoder } from '../image/types.js'
import { throwIfAborted } from '../errors.js'
import { isHdr } from '../metadata/colour-description.js'
import { addProfile } from '../metadata/heif.js'
import { checkMatrix, matrixSupport } from './heif-matrix.js'
import { correctPixels, profileOf, readHeifColour } from './heif-colour.js'
import { decodePixels, encodePng } from './pixels.js'

/**
 * Decoder of AVIF files with colours that sharp takes for sRGB: coded by ITU-T H.273 without a profile, or multiplied by
 * alpha; or RGB in limited range, which libheif scales wrongly. It adds a profile if that is enough, and else returns a PNG
 * of the same depth.
 */
export const avifDecoder: Decoder = {
  accepts({ bytes, format }) {
    if (format !== 'avif') return false
    const { colour, isPremultiplied, codes } = readHeifColour(bytes)
    return colour !== undefined || isPremultiplied || matrixSupport(codes) !== 'right'
  },
  async decode(bytes, metadata, options) {
    throwIfAborted(options.signal)
    const heif = readHeifColour(bytes)
    const { colour, isPremultiplied, codes } = heif
    checkMatrix(codes)
    const profile = profileOf(colour)
    const mayStay =
      !isPremultiplied && matrixSupport(codes) === 'right' && !(colour !== undefined && isHdr(colour))
    const withProfile = mayStay && profile !== undefined ? addProfile(bytes, profile) : undefined
    if (withProfile !== undefined) return withProfile
    const pixels = await decodePixels(bytes, metadata, options)
    await correctPixels(pixels, heif)
    const { icc = profile, exif, xmp } = metadata
    return encodePng(pixels, { icc, exif, xmp })
  },
}
