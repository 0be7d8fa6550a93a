import type { OverlayOptions, Sharp } from 'sharp'
import { sharp } from '../../sharp.js'
import { z } from 'zod'
import { ImgprocError } from '../../errors.js'
import { defineOp, type OpContext } from '../define-operation.js'
import { colour, gravity, number, toSharpColour, whole } from '../parameters.js'
import { placeBox } from '../geometry.js'
import type { Size } from '../../picture.js'
import { takeCompositeSlot } from '../sharp-order.js'

const params = z
  .strictObject({
    image: z.string().min(1).optional().describe('Path of the picture that is laid on.'),
    text: z.string().min(1).optional().describe('Text that is laid on, instead of a picture.'),
    position: gravity.default('southeast').describe('Edge or corner where it lies.'),
    tile: z.boolean().default(false).describe('Whether it is repeated over the whole picture.'),
    opacity: number(0, 1).default(1).describe('1 hides what is under it, 0 shows nothing of it.'),
    scale: number(0.01, 1)
      .optional()
      .describe(
        "Its width as a share of the picture's; a picture keeps its own size, a text takes 0.25, unless given.",
      ),
    margin: whole(0, 10_000, 'pixels').default(0).describe('Pixels to the edge, or between tiles.'),
    blend: z
      .enum([
        'over',
        'multiply',
        'screen',
        'overlay',
        'darken',
        'lighten',
        'hard-light',
        'soft-light',
        'difference',
      ])
      .default('over')
      .describe('How its colours meet those of the picture.'),
    colour: colour.default('white').describe('Colour of a text.'),
    font: z.string().min(1).default('sans').describe('Font of a text, as fontconfig names it.'),
  })
  .refine((mark) => (mark.image === undefined) !== (mark.text === undefined), { error: 'an image or a text' })

type Params = z.output<typeof params>

export const watermark = defineOp({
  name: 'watermark',
  summary: 'Lays a picture or a text on the picture.',
  params,
  shorthand: {
    schema: z.string({ error: 'the path of an image' }).min(1),
    read: (image) => ({ image }),
  },
  example: { text: 'Sample', position: 'southeast', opacity: 0.6 },
  files: ({ image, ...mark }, rename) => ({ ...mark, ...(image !== undefined && { image: rename(image) }) }),
  size: (_, from) => from,
  place: (_, pass) => takeCompositeSlot(pass),
  async apply(image, mark, context) {
    const { from } = context
    const overlay = await createOverlay(mark, context)
    // libvips composites in 8 bits unless told otherwise.
    const deep = from.depth === 16 ? image.pipelineColourspace('rgb16') : image
    const marked = deep.composite([overlay])
    return from.alpha ? marked : marked.removeAlpha()
  },
  // A picture may bring any colour.
  addsColor: (mark) => (mark.text === undefined ? 'red' : mark.colour),
})

/** The overlay in its size and place. */
async function createOverlay(mark: Params, context: OpContext): Promise<OverlayOptions> {
  const { from } = context
  const { blend, margin, position, tile } = mark
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
    return { input: await shrinkToFit(spaced, from), tile: true, blend }
  }
  const { data, info } = await faded.png({ compressionLevel: 0 }).toBuffer({ resolveWithObject: true })
  const { left, top } = placeBox(info, available, position)
  return { input: data, left: left + margin, top: top + margin, blend }
}

/** The overlay's picture, no larger than there is room. */
async function openImage(
  { image: ref = '', scale }: Params,
  available: Size,
  { read, from }: OpContext,
): Promise<Sharp> {
  try {
    const image = sharp(await read(ref), { autoOrient: true })
    const { autoOrient: size } = await image.metadata()
    if (scale !== undefined) {
      return image.resize({
        width: Math.max(1, Math.round(from.width * scale)),
        height: available.height,
        fit: 'inside',
      })
    }
    if (size.width <= available.width && size.height <= available.height) return image
    throw createWatermarkError(
      `${ref} is ${size.width}x${size.height}, which is more than the ${available.width}x${available.height} of the picture. Give a scale, such as 0.3`,
    )
  } catch (cause) {
    if (cause instanceof ImgprocError && cause.code === 'INVALID_OPERATION') throw cause
    throw createWatermarkError(
      `image: ${ref} can't be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    )
  }
}

/** The text, cut out of its colour. */
async function drawText(
  { text: content = '', scale = 0.25, colour: textColour, font }: Params,
  available: Size,
): Promise<Sharp> {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const text = {
    text: `<span foreground="white">${escaped}</span>`,
    font,
    rgba: true,
    width: Math.max(1, Math.round(available.width * scale)),
    height: available.height,
  }
  const { data, info } = await sharp({ text }).png().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const sheet = {
    create: { width, height, channels: 4, background: toSharpColour(textColour) },
  } as const
  return sharp(await toPng(sharp(sheet).composite([{ input: data, blend: 'dest-in' }])))
}

/** Makes an overlay see-through. */
function fade(image: Sharp, opacity: number): Sharp {
  if (opacity === 1) return image.ensureAlpha()
  const input = Buffer.from([255, 255, 255, Math.round(255 * opacity)])
  const raw = { width: 1, height: 1, channels: 4 } as const
  return image.ensureAlpha().composite([{ input, raw, tile: true, blend: 'dest-in' }])
}

/** A tile has to be no larger than the picture. */
async function shrinkToFit(tile: Sharp, { width, height }: Size): Promise<Buffer> {
  return sharp(await toPng(tile))
    .resize({ width, height, fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 0 })
    .toBuffer()
}

function toPng(image: Sharp): Promise<Buffer> {
  return image.png({ compressionLevel: 0 }).toBuffer()
}

function createWatermarkError(message: string, cause?: unknown): ImgprocError {
  return new ImgprocError('INVALID_OPERATION', `watermark: ${message}`, { cause })
}
