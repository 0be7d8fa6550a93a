import type { Sharp } from 'sharp'
import { sharp } from '../sharp.js'
import type { Picture } from '../picture.js'
import type { OpContext } from './define-operation.js'
import { toPng } from './overlay.js'

/** Share of the longer side that is the standard deviation of the blur: no detail remains. */
const BLUR_SHARE = 1 / 20
/** Longer side of the picture that is blurred, in pixels. Blurring a small one and enlarging it looks the same, and is fast. */
const BLURRED_SIDE = 240

interface Sides {
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly left: number
}

/** Lays a picture onto itself, blurred or averaged to one colour, and scaled to cover the padded size. */
export async function padWithSelf(
  image: Sharp,
  fill: 'blur' | 'average',
  { left, top }: Sides,
  { from, to, fromSrgb }: OpContext,
): Promise<Sharp> {
  // With a profile that is kept, the next pipeline has to know it.
  const keep = (pixels: Sharp) => (fromSrgb === undefined ? pixels : pixels.keepIccProfile())
  const deepen = (pixels: Sharp) => (from.depth === 16 ? pixels.pipelineColourspace('rgb16') : pixels)
  const output = toColourspace(from)
  const input = await toPng(keep(image).toColourspace(output))
  const size = { width: to.width, height: to.height }
  const small = deepen(keep(sharp(input, { limitInputPixels: false })))
  const painted =
    fill === 'average'
      ? await average(small.resize({ ...shrink(from), fit: 'fill' }).toColourspace(output), from)
      : await toPng(
          small
            .resize({ ...shrink(size), fit: 'cover' })
            .blur(BLURRED_SIDE * BLUR_SHARE)
            .toColourspace(output),
        )
  const background = deepen(keep(sharp(painted))).resize({ ...size, fit: 'fill', kernel: 'cubic' })
  const canvas = deepen(
    keep(sharp(await toPng(background.toColourspace(output)), { limitInputPixels: false })),
  )
  const laid = canvas.composite([{ input, left, top, limitInputPixels: false }])
  return from.alpha ? laid : laid.removeAlpha()
}

function shrink({ width, height }: { readonly width: number; readonly height: number }) {
  const factor = Math.min(1, BLURRED_SIDE / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) }
}

function toColourspace({ space, depth }: Picture): 'b-w' | 'grey16' | 'srgb' | 'rgb16' {
  if (space === 'grey') return depth === 16 ? 'grey16' : 'b-w'
  return depth === 16 ? 'rgb16' : 'srgb'
}

/** Returns a PNG of one pixel: the average, in which colours count by their alpha. */
async function average(image: Sharp, picture: Picture): Promise<Buffer> {
  const isDeep = picture.depth === 16
  const { data, info } = await image
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const values = isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data
  const { channels } = info
  const colours = picture.alpha ? channels - 1 : channels
  const sums = Array.from({ length: channels }, () => 0)
  for (let at = 0; at < values.length; at += channels) {
    const alpha = picture.alpha ? values[at + colours]! : 1
    for (let channel = 0; channel < colours; channel++) sums[channel]! += values[at + channel]! * alpha
    if (picture.alpha) sums[colours]! += alpha
  }
  const pixels = values.length / channels
  const weight = picture.alpha ? Math.max(1, sums[colours]!) : pixels
  const mean = sums.map((sum, channel) => Math.round(sum / (channel < colours ? weight : pixels)))
  const pixel = isDeep ? Uint16Array.from(mean) : Uint8Array.from(mean)
  return toPng(sharp(pixel, { raw: { width: 1, height: 1, channels } }).toColourspace(toColourspace(picture)))
}
