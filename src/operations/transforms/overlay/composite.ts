import type { OverlayOptions, Sharp } from 'sharp'
import { z } from 'zod'
import { once } from '../../../utils/once.js'
import type { Size } from '../../../picture.js'
import { sharp } from '../../../sharp.js'
import { defineOp, type OpContext } from '../../define-operation.js'
import { fitOverlay } from '../../fit-overlay.js'
import { inPixels, placeBox } from '../../geometry.js'
import { blend, explainOverlayError, fade, openOverlay, toPng } from '../../overlay.js'
import { colour, gravity, length, number, toSharpColour, whole } from '../../parameters.js'
import { takeCompositeSlot } from '../../sharp-order.js'

const PLACE = 'pixels, which may be negative, or a percentage such as 10%'
const place = once(() =>
  z.union([whole(-100_000, 100_000), z.templateLiteral([z.number(), '%'])], { error: PLACE }),
)

const params = () =>
  z
    .strictObject({
      image: z.string().min(1).optional().describe('Path or URL of the image of the layer.'),
      colour: colour().optional().describe('A layer of one colour, instead of an image.'),
      left: place()
        .optional()
        .describe('Distance from the left edge, in pixels or per cent; it may be negative.'),
      top: place()
        .optional()
        .describe('Distance from the top edge, in pixels or per cent; it may be negative.'),
      position: gravity().default('centre').describe('Edge or corner, if `left` or `top` is not given.'),
      width: length()
        .optional()
        .describe(
          'Width in pixels or per cent of the picture; by default that of the image, or of the picture for a colour.',
        ),
      height: length().optional().describe('Height; if only one is given, the other follows from the image.'),
      fit: z
        .enum(['fill', 'cover', 'inside'])
        .default('fill')
        .describe('How the image meets a width and a height, as in CSS `object-fit`.'),
      blend: blend().default('over').describe('Blend mode.'),
      opacity: number(0, 1).default(1).describe('Opacity, 0 (invisible) to 1 (opaque).'),
    })
    .refine((layer) => (layer.image === undefined) !== (layer.colour === undefined), {
      error: 'an image or a colour',
    })

type Params = z.output<ReturnType<typeof params>>

export const composite = defineOp({
  name: 'composite',
  summary: 'Lays an image or a colour over the picture; several in a row are layers.',
  params,
  shorthand: {
    schema: () => z.string({ error: 'the path of an image' }).min(1),
    read: (image) => ({ image }),
  },
  example: { colour: 'navy', height: '25%', position: 'bottom', opacity: 0.6 },
  files: ({ image, ...layer }, rename) => ({
    ...layer,
    ...(image !== undefined && { image: rename(image) }),
  }),
  size: (_, from) => from,
  isNoop: ({ opacity }) => opacity === 0,
  place: (_, pass) => takeCompositeSlot(pass),
  async apply(image, layer, context) {
    const { from } = context
    const overlay = await createLayer(layer, context).catch((cause: unknown) => {
      throw explainOverlayError('composite', layer.image ?? layer.colour ?? '', cause)
    })
    if (overlay === undefined) return image
    // By default, libvips composites in 8 bits.
    const deep = from.depth === 16 ? image.pipelineColourspace('rgb16') : image
    const laid = deep.composite([overlay])
    return from.alpha ? laid : laid.removeAlpha()
  },
  // An image can have any colour.
  addsColor: (layer) => layer.colour ?? 'red',
})

/** Draws the visible part of the layer; undefined if it lies outside of the picture. */
async function createLayer(layer: Params, context: OpContext): Promise<OverlayOptions | undefined> {
  const { from } = context
  const drawn = layer.image === undefined ? drawColour(layer, from) : await drawImage(layer, context)
  const { data, info } = await fade(drawn, layer.opacity)
    .png({ compressionLevel: 0 })
    .toBuffer({ resolveWithObject: true })
  const placed = placeLayer(layer, info, from)
  const [left, top] = [Math.max(0, placed.left), Math.max(0, placed.top)]
  const width = Math.min(from.width, placed.left + info.width) - left
  const height = Math.min(from.height, placed.top + info.height) - top
  if (width <= 0 || height <= 0) return undefined
  // sharp rejects overlays that are larger than the picture.
  const isWhole = width === info.width && height === info.height
  const area = { left: left - placed.left, top: top - placed.top, width, height }
  const visible = isWhole ? data : await toPng(sharp(data).extract(area))
  return { input: await fitOverlay(visible, context), left, top, blend: layer.blend }
}

function placeLayer({ left, top, position }: Params, size: Size, from: Size): { left: number; top: number } {
  const placed = placeBox(size, from, position)
  return {
    left: left === undefined ? placed.left : inPixels(left, from.width),
    top: top === undefined ? placed.top : inPixels(top, from.height),
  }
}

function drawColour(
  { colour: background = 'black', width = '100%', height = '100%' }: Params,
  from: Size,
): Sharp {
  const size = {
    width: Math.max(1, Math.min(from.width, inPixels(width, from.width))),
    height: Math.max(1, Math.min(from.height, inPixels(height, from.height))),
  }
  return sharp({ create: { ...size, channels: 4, background: toSharpColour(background) } })
}

async function drawImage(layer: Params, context: OpContext): Promise<Sharp> {
  const { image } = await openOverlay(layer.image ?? '', context)
  const { width, height, fit } = layer
  if (width === undefined && height === undefined) return image
  const { from } = context
  return image.resize({
    ...(width !== undefined && { width: Math.max(1, inPixels(width, from.width)) }),
    ...(height !== undefined && { height: Math.max(1, inPixels(height, from.height)) }),
    ...(width !== undefined && height !== undefined && { fit }),
  })
}
