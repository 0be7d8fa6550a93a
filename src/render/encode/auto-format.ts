import type { Sharp } from 'sharp'
import type { EncodedFormat, Format, FormatType } from '../../operations/settings/format.js'
import type { Picture } from '../../picture.js'
import { fittingCandidates } from '../../image/format-fit.js'

type Auto = Extract<Format, { type: 'auto' }>

/** Formats to try for each kind of picture. */
const FORMATS_BY_KIND = {
  animation: ['jxl', 'webp', 'gif'],
  flat: ['jxl', 'webp', 'png'],
  alpha: ['jxl', 'avif', 'webp', 'png'],
  photo: ['jxl', 'avif', 'webp', 'jpeg'],
} as const satisfies Record<string, readonly FormatType[]>

/**
 * Returns the formats of which `auto` uses the smallest. Flat art stays lossless: lossy encoders blur its edges. Throws
 * INVALID_OPERATION if no format can hold the picture.
 */
export async function candidatesFor(
  format: Auto,
  { picture, open }: { readonly picture: Picture; readonly open: () => Sharp },
): Promise<readonly EncodedFormat[]> {
  const possible = fittingCandidates(format, picture)
  const kind = await kindOf(picture, open)
  const wanted = possible.filter((type) => FORMATS_BY_KIND[kind].some((other) => other === type))
  return (wanted.length > 0 ? wanted : possible).map((type) => toFormat(type, kind === 'flat', format))
}

function toFormat(type: FormatType, flat: boolean, { quality, similarity }: Auto): EncodedFormat {
  const settings = {
    ...(quality !== undefined && { quality }),
    ...(similarity !== undefined && { similarity }),
  }
  if (type === 'webp' || type === 'jxl') return flat ? { type, lossless: true } : { type, ...settings }
  return type === 'jpeg' || type === 'avif' ? { type, ...settings } : { type }
}

async function kindOf(picture: Picture, open: () => Sharp): Promise<keyof typeof FORMATS_BY_KIND> {
  if (picture.pages > 1) return 'animation'
  if (await isFlat(open())) return 'flat'
  return picture.alpha ? 'alpha' : 'photo'
}

/** Drawings have fewer colours, even with smoothed edges. Photos have ten times as many. */
const MAX_FLAT_COLOURS = 4096

/** Returns true for a drawing rather than a photo: most pixels equal their neighbour, and there are few colours. */
async function isFlat(image: Sharp): Promise<boolean> {
  const { data, info } = await image
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const pixels = new Uint32Array(data.buffer, data.byteOffset, data.length / 4)
  const colours = new Set<number>()
  let same = 0
  for (let at = 1; at < pixels.length; at++) {
    if (pixels[at] === pixels[at - 1]) same++
    else if (colours.size <= MAX_FLAT_COLOURS) colours.add(pixels[at]!)
  }
  return colours.size <= MAX_FLAT_COLOURS && same > (info.width * info.height) / 2
}
