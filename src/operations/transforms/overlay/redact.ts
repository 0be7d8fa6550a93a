import type { OverlayOptions, Sharp } from 'sharp'
import { z } from 'zod'
import { sharp } from '../../../sharp.js'
import { defineOp, type OpContext } from '../../define-operation.js'
import type { Box, FocalRegion } from '../../focal.js'
import { fitOverlay } from '../../fit-overlay.js'
import { colour, toSharpColour } from '../../parameters.js'
import { takeWholePass } from '../../sharp-order.js'
import type { Size } from '../../../picture.js'

const WHAT = ['faces', 'objects'] as const

const params = () =>
  z.strictObject({
    what: z.enum(WHAT).default('faces').describe('Regions to make unrecognisable.'),
    how: z
      .enum(['blur', 'pixelate', 'fill'])
      .default('pixelate')
      .describe('Blurs the regions, or shows them in a few large squares or one colour.'),
    colour: colour().default('black').describe('Colour for `fill`.'),
  })

type Params = z.output<ReturnType<typeof params>>

export const redact = defineOp({
  name: 'redact',
  summary: 'Makes faces or objects unrecognisable.',
  params,
  shorthand: {
    schema: () => z.enum(WHAT, { error: 'faces or objects' }),
    read: (what) => ({ what }),
  },
  example: 'faces',
  size: (_, from) => from,
  place: (_, pass) => takeWholePass(pass),
  focusOrigin: ({ what }) => what,
  async apply(image, redaction, context) {
    const { from, focus = [] } = context
    // A point is the most salient place of a picture without regions.
    const boxes = focus.flatMap((region) =>
      region.width > 0 && region.height > 0 ? boxAround(region, from) : [],
    )
    if (boxes.length === 0) return image
    // By default, libvips composites in 8 bits.
    const deep = from.depth === 16 ? image.pipelineColourspace('rgb16') : image
    const covered = deep.composite(await coverAll(image, boxes, redaction, context))
    return from.alpha ? covered : covered.removeAlpha()
  },
  addsColor: ({ how, colour: fill }) => (how === 'fill' ? fill : undefined),
})

/** Part of a region's side by which it grows on each side: detectors draw boxes from the brows to the chin. */
const MARGIN = 0.2

/** Returns the whole pixels around a region, within the picture. */
function boxAround({ left, top, width, height }: FocalRegion, from: Size): Box {
  const cut = (start: number, length: number, whole: number) => {
    const first = Math.max(0, Math.floor((start - length * MARGIN) * whole))
    return [
      first,
      Math.max(1, Math.min(whole, Math.ceil((start + length * (1 + MARGIN)) * whole)) - first),
    ] as const
  }
  const [x, columns] = cut(left, width, from.width)
  const [y, rows] = cut(top, height, from.height)
  return { left: x, top: y, width: columns, height: rows }
}

/** Squares along the long side of a region that is pixelated. A face has no features at 5, and is still a face at 16. */
const SQUARES = 5

/** Returns overlays for all boxes. */
async function coverAll(
  image: Sharp,
  boxes: readonly Box[],
  { how, colour: fill }: Params,
  context: OpContext,
): Promise<OverlayOptions[]> {
  if (how === 'fill') {
    return Promise.all(
      boxes.map(async ({ left, top, width, height }) => {
        const sheet = { create: { width, height, channels: 4, background: toSharpColour(fill) } } as const
        const png = await sharp(sheet).png({ compressionLevel: 0 }).toBuffer()
        return { input: await fitOverlay(png, context), left, top }
      }),
    )
  }
  // Decoded once for all boxes. A lossless file keeps depth, and colours in the profile that the picture keeps.
  const same = context.fromSrgb === undefined ? image.clone() : image.clone().keepIccProfile()
  const picture = await same.png({ compressionLevel: 0 }).toBuffer()
  return Promise.all(
    boxes.map(async ({ left, top, width, height }) => ({
      input: await blurBox(picture, { left, top, width, height }, how),
      left,
      top,
    })),
  )
}

/** Returns a box of a picture in a few squares, with hard borders or soft ones. */
async function blurBox(picture: Buffer, box: Box, how: 'blur' | 'pixelate'): Promise<Buffer> {
  const { width, height } = box
  const size = Math.max(width, height) / SQUARES
  const open = (bytes: Buffer) => sharp(bytes, { limitInputPixels: false, ignoreIcc: true })
  const few = await open(picture)
    .extract(box)
    .resize(Math.max(1, Math.round(width / size)), Math.max(1, Math.round(height / size)), { fit: 'fill' })
    .png({ compressionLevel: 0 })
    .toBuffer()
  return open(few)
    .resize(width, height, { fit: 'fill', kernel: how === 'blur' ? 'cubic' : 'nearest' })
    .png({ compressionLevel: 0 })
    .toBuffer()
}
