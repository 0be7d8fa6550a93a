import type { CreateText, OverlayOptions, Sharp } from 'sharp'
import { sharp } from '../../../sharp.js'
import { z } from 'zod'
import { ImgprocError } from '../../../errors.js'
import { defineOp, type OpContext } from '../../define-operation.js'
import { colour, gravity, length, number, toSharpColour, whole } from '../../parameters.js'
import { inPixels, placeBox } from '../../geometry.js'
import type { Size } from '../../../picture.js'
import { fitOverlay } from '../../fit-overlay.js'
import { blend, explainOverlayError, fade, openOverlay, toPng } from '../../overlay.js'
import { takeCompositeSlot } from '../../sharp-order.js'

/** Spaces, controls, characters of zero width, the blank of Braille, and the fillers of Hangul. */
const BLANK = /^[\p{Z}\p{Cc}\p{Cf}\u2800\u115F\u1160\u3164\uFFA0]*$/u

const params = () =>
  z
    .strictObject({
      image: z.string().min(1).optional().describe('Path of the overlay image.'),
      text: z
        .string()
        .min(1)
        .refine((value) => !BLANK.test(value), { error: 'text with at least one visible character' })
        .refine((value) => !value.includes('\0'), { error: 'text without NUL characters' })
        .optional()
        .describe('Overlay text, instead of an image.'),
      position: gravity().default('southeast').describe('Edge or corner for the overlay.'),
      tile: z.boolean().default(false).describe('Repeats the overlay over the whole picture.'),
      opacity: number(0, 1).default(1).describe('Opacity of the overlay, 0 (invisible) to 1 (opaque).'),
      scale: number(0.01, 1)
        .optional()
        .describe(
          'Width of the overlay relative to the picture. By default, an image keeps its size and text takes 0.25.',
        ),
      margin: whole(0, 10_000, 'pixels')
        .default(0)
        .describe('Distance to the edge, or between tiles, in pixels.'),
      blend: blend().default('over').describe('Blend mode.'),
      colour: colour().default('white').describe('Text colour.'),
      font: z.string().min(1).default('sans').describe('Text font, as a fontconfig name.'),
      size: whole(1, 10_000, 'pixels')
        .optional()
        .describe('Font size in pixels. By default, the text fills its width.'),
      width: length()
        .optional()
        .describe(
          'Width in which the text is wrapped, in pixels or per cent of the picture, instead of `scale`.',
        ),
      wrap: z
        .enum(['word', 'char', 'word-char', 'none'])
        .default('word')
        .describe(
          'Places at which lines of text may break: between words, characters, words and else characters, or nowhere.',
        ),
      align: z.enum(['left', 'centre', 'right']).default('left').describe('Alignment of the lines of text.'),
    })
    .refine((mark) => (mark.image === undefined) !== (mark.text === undefined), {
      error: 'an image or a text',
    })

type Params = z.output<ReturnType<typeof params>>

export const watermark = defineOp({
  name: 'watermark',
  summary: 'Overlays an image or text.',
  params,
  shorthand: {
    schema: () => z.string({ error: 'the path of an image' }).min(1),
    read: (image) => ({ image }),
  },
  example: { text: 'Sample', position: 'southeast', opacity: 0.6 },
  files: ({ image, ...mark }, rename) => ({ ...mark, ...(image !== undefined && { image: rename(image) }) }),
  size: (_, from) => from,
  place: (_, pass) => takeCompositeSlot(pass),
  async apply(image, mark, context) {
    const { from } = context
    const overlay = await createOverlay(mark, context)
    // By default, libvips composites in 8 bits.
    const deep = from.depth === 16 ? image.pipelineColourspace('rgb16') : image
    const marked = deep.composite([overlay])
    return from.alpha ? marked : marked.removeAlpha()
  },
  // An overlay image can have any colour.
  addsColor: (mark) => (mark.text === undefined ? 'red' : mark.colour),
})

/** Draws the overlay, and returns it with its position and blend mode. */
async function createOverlay(mark: Params, context: OpContext): Promise<OverlayOptions> {
  const { from } = context
  const { blend: mode, margin, position, tile } = mark
  const available = {
    width: Math.max(1, from.width - 2 * margin),
    height: Math.max(1, from.height - 2 * margin),
  }
  const drawn =
    mark.text === undefined ? await openImage(mark, available, context) : await drawText(mark, available)
  const faded = fade(drawn, mark.opacity)
  if (tile) {
    const half = Math.ceil(margin / 2)
    const spaced = sharp(await toPng(faded)).extend({
      top: half,
      bottom: half,
      left: half,
      right: half,
      background: toSharpColour('transparent'),
    })
    return { input: await fitOverlay(await shrinkToFit(spaced, from), context), tile: true, blend: mode }
  }
  const { data, info } = await faded.png({ compressionLevel: 0 }).toBuffer({ resolveWithObject: true })
  const { left, top } = placeBox(info, available, position)
  return { input: await fitOverlay(data, context), left: left + margin, top: top + margin, blend: mode }
}

/** Opens the overlay image. Throws INVALID_OPERATION if it is unreadable or, without a scale, too large. */
async function openImage(
  { image: ref = '', scale }: Params,
  available: Size,
  context: OpContext,
): Promise<Sharp> {
  try {
    const { image, width, height } = await openOverlay(ref, context)
    if (scale !== undefined) {
      return image.resize({
        width: Math.max(1, Math.round(context.from.width * scale)),
        height: available.height,
        fit: 'inside',
      })
    }
    if (width <= available.width && height <= available.height) return image
    throw createWatermarkError(
      `${ref} (${width}x${height}) is larger than the space for it (${available.width}x${available.height}). Set a scale, such as 0.3.`,
    )
  } catch (cause) {
    throw explainOverlayError('watermark', ref, cause)
  }
}

/** Draws the text: a sheet of its colour, masked by the glyphs. */
async function drawText(mark: Params, available: Size): Promise<Sharp> {
  const { text: content = '', colour: textColour } = mark
  const text = describeText(mark, available)
  const { data, info } = await sharp({ text })
    .png()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      const why = 'no font on this machine draws it, or it has no visible characters'
      throw createWatermarkError(`the text "${content}" can't be drawn: ${why}`, cause)
    })
  const { width, height } = info
  const sheet = {
    create: { width, height, channels: 4, background: toSharpColour(textColour) },
  } as const
  return sharp(await toPng(sharp(sheet).composite([{ input: data, blend: 'dest-in' }])))
}

/** Returns sharp's description of the text. Without a font size, libvips finds the largest that fits. */
function describeText(mark: Params, available: Size): CreateText {
  const { text: content = '', scale = 0.25, font, size, width, wrap, align } = mark
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const wide = width === undefined ? available.width * scale : inPixels(width, available.width)
  return {
    text: `<span foreground="white">${escaped}</span>`,
    font: size === undefined ? font : `${font} ${size}`,
    rgba: true,
    width: Math.max(1, Math.min(available.width, Math.round(wide))),
    wrap,
    align,
    // At 72 pixels per inch a point is a pixel.
    ...(size === undefined ? { height: available.height } : { dpi: 72 }),
  }
}

/** Shrinks a tile to the picture, since sharp rejects larger tiles. */
async function shrinkToFit(tile: Sharp, { width, height }: Size): Promise<Buffer> {
  return sharp(await toPng(tile))
    .resize({ width, height, fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 0 })
    .toBuffer()
}

function createWatermarkError(message: string, cause?: unknown): ImgprocError {
  return new ImgprocError('INVALID_OPERATION', `watermark: ${message}`, { cause })
}
