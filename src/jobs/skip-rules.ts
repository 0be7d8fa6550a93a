import type { ImageOp } from '../operations/image-op.generated.js'
import { scaleSize } from '../operations/geometry.js'
import type { Picture } from '../picture.js'
import { pictureAfterRecipe } from '../render/render-rendition.js'
import { DENSITY } from '../image/open-image.js'
import type { OutputResult, Rendition, SourceFacts } from './types.js'
import { recipeOf } from '../render/recipe.js'

/** Returns the picture after operations on a source. Undefined if its size depends on the pixels, or is not known. */
export type PictureAfter = (ops: readonly ImageOp[]) => Picture | undefined

/** Creates a `PictureAfter` for a source that is not opened, from its facts in the manifest. */
export function pictureAfterFacts({ width, height, format }: Partial<SourceFacts>): PictureAfter {
  return (ops) => {
    const recipe = recipeOf(ops)
    // The manifest has the size after the EXIF orientation.
    if (width === undefined || height === undefined || !recipe.autoOrient) return undefined
    // Other pages may have other sizes.
    if (recipe.page !== undefined) return undefined
    const vector = format === 'svg'
    const size = vector
      ? scaleSize({ width, height }, (recipe.density ?? DENSITY) / DENSITY)
      : { width, height }
    // The size does not depend on colours, depth or frames.
    const others = { pages: 1, alpha: false, depth: 8, space: 'rgb', shrinks: false } as const
    return pictureAfterRecipe({ ...size, ...others, vector }, recipe)
  }
}

/** Returns the reason to skip a rendition; undefined if it must be rendered. */
export function skipReason(
  { ops, narrower = [], widthAt, skipSmaller }: Rendition,
  pictureAfter: PictureAfter,
): string | undefined {
  if (skipSmaller === true) {
    const upright = pictureAfter([])
    const size = pictureAfter(ops)
    // Vector images can be drawn at any size.
    const isSmaller = size !== undefined && upright?.vector === false
    if (isSmaller && size.width >= upright.width && size.height >= upright.height) {
      return `the source is only ${upright.width}x${upright.height}`
    }
  }
  // Widths above the picture's would all give its own width. Only the narrowest of them is kept.
  if (narrower.length === 0 || widthAt === undefined) return undefined
  const before = pictureAfter(ops.slice(0, widthAt))
  if (before === undefined || before.vector) return undefined
  const isReached = narrower.some((width) => width >= before.width)
  return isReached ? `the picture is only ${before.width} px wide` : undefined
}

/** Returns the result of a rendition that is skipped. */
export function toSkipped({ preset, target: path, recipe }: Rendition, reason: string): OutputResult {
  return { action: 'skipped', preset, path, recipe, reason }
}
