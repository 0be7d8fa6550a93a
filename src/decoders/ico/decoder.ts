import { throwIfAborted } from '../../errors.js'
import type { Decoder, DecoderOptions } from '../../image/types.js'
import type { BmpLayout } from '../bmp/layout.js'
import { decodeBmpPixels, strideOf, type BmpPixels } from '../bmp/pixels.js'
import { checkPixels, createCutOffError, createDamagedError } from '../errors.js'
import { toMetadata } from '../own-header.js'
import { pixelOptions } from '../pixel-options.js'
import { encodePng } from '../pixels.js'
import { pngDecoder } from '../png.js'
import { readSourceHeader } from '../../image/read-source-header.js'
import { isIcon, largestPicture, readIcon, type IconPicture } from './layout.js'
import { withDefaults } from '../../image/limits.js'

const BYTES_PER_PIXEL = 16
/** Bits of alpha in a picture of an icon, which has no header for them. */
const ALPHA_BYTE = 0xff000000

/**
 * Decoder of ICO and CUR: the largest picture, or that of `page`. It returns a PNG.
 *
 * `decode` throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, TIMED_OUT and ABORTED.
 */
export const icoDecoder: Decoder = {
  bytesPerPixel: BYTES_PER_PIXEL,
  accepts: ({ format }) => format === 'ico' || format === 'cur',
  readHeader(bytes, page) {
    if (!isIcon(bytes)) return undefined
    const { width, height } = choosePicture(bytes, page)
    const icon = readIcon(bytes)
    const pagePrimary = icon.pictures.indexOf(largestPicture(icon))
    const pages = icon.pictures.length
    return toMetadata({ format: icon.kind, width, height, channels: 4, pages, pagePrimary })
  },
  async decode(bytes, _metadata, options) {
    throwIfAborted(options.signal)
    const picture = choosePicture(bytes, options.page)
    checkPixels(picture.width, picture.height, options.maxPixels)
    if (picture.bmp === undefined) return readPng(picture.bytes, options)
    const { width, height } = picture
    const { data, hasAlpha } = await decodeIconPixels(picture.bytes, picture.bmp, options)
    return encodePng({ width, height, channels: 4, data }, {}, hasAlpha)
  },
}

/** Returns a picture. Pages that do not exist were refused before. */
function choosePicture(bytes: Uint8Array, page: number | undefined): IconPicture {
  const icon = readIcon(bytes)
  if (page === undefined || page >= icon.pictures.length) return largestPicture(icon)
  const picture = icon.pictures[page]
  if (picture === undefined) throw createDamagedError(`its picture ${page} cannot be read`)
  return picture
}

/** Returns a PNG with its colours in a form that sharp reads. */
async function readPng(bytes: Uint8Array, options: DecoderOptions): Promise<Uint8Array> {
  const { failOn = 'error', maxPixels, seconds } = options
  const limits = withDefaults({ pixels: maxPixels, ...(seconds > 0 && { seconds }) })
  const header = await readSourceHeader(bytes, { limits, failOn })
  if (header.format !== 'png') throw createDamagedError('its picture is no PNG')
  return pngDecoder.accepts(header) ? pngDecoder.decode(header.bytes, header.metadata, options) : header.bytes
}

async function decodeIconPixels(
  file: Uint8Array,
  layout: BmpLayout,
  options: DecoderOptions,
): Promise<BmpPixels> {
  const [red, green, blue, alpha] = layout.masks
  const masks = [red, green, blue, layout.bits === 32 && alpha === 0 ? ALPHA_BYTE : alpha] as const
  const pixels = await decodeBmpPixels(file, { ...layout, masks }, pixelOptions(options))
  // The mask counts for pictures without alpha of their own.
  return pixels.hasAlpha
    ? pixels
    : applyMask(file, layout, { data: pixels.data, isLenient: options.failOn === 'none' })
}

/** Makes the pixels transparent that the mask below the colours says. */
function applyMask(
  file: Uint8Array,
  layout: BmpLayout,
  { data, isLenient }: { readonly data: Uint8Array; readonly isLenient: boolean },
): BmpPixels {
  const { width, height } = layout
  const stride = strideOf({ width, bits: 1 })
  const maskAt = layout.dataAt + strideOf(layout) * height
  const missing = maskAt + stride * (height - 1) + Math.ceil(width / 8) - file.length
  // Icons of 32 bits often lack the mask, since alpha replaces it.
  if (missing > 0 && !isLenient && layout.bits < 32) throw createCutOffError(`${missing} bytes are`)
  let hasAlpha = false
  for (let stored = 0; stored < height; stored++) {
    const y = layout.isTopDown ? stored : height - 1 - stored
    for (let x = 0; x < width; x++) {
      const byte = file[maskAt + stored * stride + (x >> 3)] ?? 0
      if (((byte >> (7 - (x & 7))) & 1) === 0) continue
      data[(y * width + x) * 4 + 3] = 0
      hasAlpha = true
    }
  }
  return { data, hasAlpha }
}
