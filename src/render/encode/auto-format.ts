import type { Sharp } from 'sharp'
import type { EncodedFormat, Format, FormatType } from '../../operations/settings/format.js'
import type { Picture } from '../../picture.js'
import { candidatesOf, FORMATS } from '../../image/formats.js'

type Auto = Extract<Format, { type: 'auto' }>

/** What is worth trying, by what a picture is. */
const WORTH_TRYING = {
  animation: ['webp', 'gif'],
  flat: ['webp', 'png'],
  alpha: ['avif', 'webp', 'png'],
  photo: ['avif', 'webp', 'jpeg'],
} as const satisfies Record<string, readonly FormatType[]>

/** The formats of which `auto` takes the smallest: flat art stays lossless, since what loses blurs its edges. */
export async function candidatesFor(
  format: Auto,
  { picture, open }: { readonly picture: Picture; readonly open: () => Sharp },
): Promise<readonly EncodedFormat[]> {
  const able = candidatesOf(format).filter(
    (type) => (FORMATS[type].alpha || !picture.alpha) && (FORMATS[type].animation || picture.pages === 1),
  )
  const nature = await natureOf(picture, open)
  const wanted = able.filter((type) => WORTH_TRYING[nature].some((other) => other === type))
  return (wanted.length > 0 ? wanted : able).map((type) => toFormat(type, nature === 'flat', format))
}

function toFormat(type: FormatType, flat: boolean, { quality, similarity }: Auto): EncodedFormat {
  const asked = { ...(quality !== undefined && { quality }), ...(similarity !== undefined && { similarity }) }
  if (type === 'webp') return flat ? { type, lossless: true } : { type, ...asked }
  return type === 'jpeg' || type === 'avif' ? { type, ...asked } : { type }
}

async function natureOf(picture: Picture, open: () => Sharp): Promise<keyof typeof WORTH_TRYING> {
  if (picture.pages > 1) return 'animation'
  if (await isFlat(open())) return 'flat'
  return picture.alpha ? 'alpha' : 'photo'
}

/** More colours than drawings have, edges smoothed; a photo has ten times as many. */
const FLAT_COLOURS = 4096

/** Whether a picture is drawn rather than taken: most pixels are as their neighbour, and colours are few. */
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
    else if (colours.size <= FLAT_COLOURS) colours.add(pixels[at]!)
  }
  return colours.size <= FLAT_COLOURS && same > (info.width * info.height) / 2
}
