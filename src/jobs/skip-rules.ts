import type { ImageOp } from '../operations/image-op.generated.js'
import { scaleSize } from '../operations/geometry.js'
import type { Picture } from '../picture.js'
import { pictureAfterRecipe } from '../render/render-rendition.js'
import { DENSITY } from '../image/open-image.js'
import type { OutputResult, Rendition, SourceFacts } from './types.js'
import { recipeOf } from '../render/recipe.js'

/** What operations make of a picture; undefined where only its pixels tell the size. */
export type PictureAfter = (ops: readonly ImageOp[]) => Picture | undefined

/** Of a source that isn't opened, by what a manifest says of it. */
export function pictureAfterFacts({ width, height, format }: Partial<SourceFacts>): PictureAfter {
  return (ops) => {
    const recipe = recipeOf(ops)
    // The manifest has the size as a viewer sees it.
    if (width === undefined || height === undefined || !recipe.autoOrient) return undefined
    const vector = format === 'svg'
    const size = vector
      ? scaleSize({ width, height }, (recipe.density ?? DENSITY) / DENSITY)
      : { width, height }
    // Colours, depth and frames decide no size.
    const looks = { pages: 1, alpha: false, depth: 8, space: 'rgb', shrinks: false } as const
    return pictureAfterRecipe({ ...size, ...looks, vector }, recipe)
  }
}

/** Why a rendition isn't wanted of a source, if it isn't. */
export function skipReason(
  { ops, narrower = [], widthAt, skipSmaller }: Rendition,
  pictureAfter: PictureAfter,
): string | undefined {
  if (skipSmaller === true) {
    const upright = pictureAfter([])
    const size = pictureAfter(ops)
    // Vectors have no size that they could be too small at.
    const isSmaller = size !== undefined && upright?.vector === false
    if (isSmaller && size.width >= upright.width && size.height >= upright.height) {
      return `the source is only ${upright.width}x${upright.height}`
    }
  }
  // A width above the picture's becomes the picture's, once: by the narrowest that reaches it.
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
