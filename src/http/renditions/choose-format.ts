import { isAnimated, pictureOf, type OpenImage } from '../../image/open-image.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { applyToPicture } from '../../render/passes/plan-passes.js'
import { recipeOf } from '../../render/recipe.js'
import type { Accepted } from '../request/negotiate-format.js'

/** Formats of cameras. Pictures in others may be drawings, whose edges JPEG blurs. */
const PHOTOS: ReadonlySet<string> = new Set(['jpeg', 'heic', 'avif', 'webp'])

type FormatOp = Extract<ImageOp, { readonly format: unknown }>

const FORMATS = {
  jxl: { format: 'jxl' },
  avif: { format: 'avif' },
  webp: { format: 'webp' },
  gif: { format: 'gif' },
  png: { format: 'png' },
  jpeg: { format: 'jpeg' },
  smaller: { format: { type: 'auto', among: ['jpeg', 'png'] } },
} as const satisfies Record<string, FormatOp>

const ANIMATIONS = {
  jxl: FORMATS.jxl,
  avif: FORMATS.webp,
  webp: FORMATS.webp,
  basic: FORMATS.gif,
} as const satisfies Record<Accepted, FormatOp>

/** Chooses the format of `format=auto`: the table in docs/serve.md. */
export function chooseFormat(accepted: Accepted, image: OpenImage, ops: readonly ImageOp[]): ImageOp {
  // AVIF as sharp writes it holds one frame.
  if (isAnimated(image)) return ANIMATIONS[accepted]
  if (accepted !== 'basic') return FORMATS[accepted]
  if (hasAlpha(image, ops)) return FORMATS.png
  return PHOTOS.has(image.format) ? FORMATS.jpeg : FORMATS.smaller
}

function hasAlpha(image: OpenImage, ops: readonly ImageOp[]): boolean {
  const { pixels, autoOrient, density } = recipeOf(ops)
  const picture = pictureOf(image, autoOrient, false, density)
  return pixels.reduce((before, operation) => applyToPicture(operation, before), picture).alpha
}
