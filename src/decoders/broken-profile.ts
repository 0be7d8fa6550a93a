import type { Decoder } from '../image/types.js'
import { hideJpegProfile } from '../metadata/containers/jpeg.js'
import { hideWebpProfile } from '../metadata/containers/webp.js'
import { isApplied } from '../metadata/icc-profile.js'

/** Hides the profile in a file, in place. libpng refuses broken profiles itself. */
const HIDE: Readonly<Record<string, (file: Buffer) => void>> = {
  jpeg: hideJpegProfile,
  webp: hideWebpProfile,
}

/** Takes a broken ICC profile out of RGB and grey pictures. Browsers ignore it; lcms applies some of them. */
export const brokenProfileDecoder: Decoder = {
  accepts: ({ metadata: { icc, space }, format }) =>
    icc !== undefined && space !== 'cmyk' && HIDE[format] !== undefined && !isApplied(icc),
  async decode(bytes, { format }) {
    const copy = Buffer.from(bytes)
    HIDE[format]?.(copy)
    return copy
  },
}
