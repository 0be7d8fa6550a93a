import type { Decoder } from '../image/types.js'
import { throwIfAborted } from '../errors.js'
import { isHdr } from '../metadata/colour-description.js'
import { writeGreyProfile, writeRgbProfile } from '../metadata/icc-writer.js'
import { replaceColour } from '../metadata/png/chunks.js'
import { readPngColour } from '../metadata/png/colour.js'
import { decodePixels, encodePng } from './pixels.js'
import { toneMap } from './tone-map.js'

/**
 * Exponent from which lcms converts grey to within 1 level. It samples a grey profile at 33 points, between which the dark
 * values of a linear picture would be wrong by 10 levels. It has no such table for colours.
 */
const MIN_GREY_EXPONENT = 1.7

/**
 * Decoder of PNG files whose colours stand in other chunks than iCCP, which sharp ignores. It writes a profile instead of
 * them. Only HDR (PQ and HLG) is decoded, and tone-mapped to sRGB.
 */
export const pngDecoder: Decoder = {
  accepts({ bytes, format }) {
    if (format !== 'png') return false
    const colour = readPngColour(bytes)
    return colour !== undefined && colour !== 'as-read'
  },
  async decode(bytes, metadata, options) {
    throwIfAborted(options.signal)
    const colour = readPngColour(bytes)
    if (colour === undefined || colour === 'as-read') return bytes
    if (colour === 'srgb') return replaceColour(bytes)
    if (isHdr(colour)) {
      const pixels = await decodePixels(replaceColour(bytes), metadata, options)
      await toneMap(pixels.data, pixels.channels, colour)
      const { exif, xmp, orientation } = metadata
      return encodePng(pixels, { exif, xmp, orientation })
    }
    const { primaries, transfer } = colour
    if (!isGrey(bytes)) return replaceColour(bytes, writeRgbProfile(primaries, transfer))
    if (transfer.g >= MIN_GREY_EXPONENT) return replaceColour(bytes, writeGreyProfile(transfer))
    const pixels = await decodePixels(replaceColour(bytes), metadata, options)
    const { exif, xmp, orientation } = metadata
    return encodePng(pixels, { icc: writeRgbProfile(primaries, transfer), exif, xmp, orientation })
  },
}

/** Reads the colour type of IHDR: 0 is grey, 4 is grey with alpha. (PNG, third edition, section 11.2.1) */
function isGrey(png: Uint8Array): boolean {
  return png[25] === 0 || png[25] === 4
}
