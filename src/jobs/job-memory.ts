import { estimatePictureMemory } from '../image/memory-estimate.js'
import { pictureAfterRecipe } from '../render/render-rendition.js'
import { pictureOf, type OpenImage } from '../image/open-image.js'
import type { Rendition } from './types.js'
import { recipeOf } from '../render/recipe.js'

/** About how many bytes the dearest of an image's renditions takes. */
export function estimateMemory(image: OpenImage, renditions: readonly Rendition[]): number {
  // What a decoder of ours has read are pixels that lie in memory already.
  const format = image.format === 'heic' ? 'tiff' : image.format
  const { metadata } = image
  return Math.max(
    0,
    ...renditions.map(({ ops }) => estimatePictureMemory({ metadata, format }, ...madeOf(image, ops))),
  )
}

/** Pixels of the largest picture on the way to a rendition, and whether the AV1 encoder gets the last of them. */
function madeOf(image: OpenImage, ops: Rendition['ops']): [made: number, toAvif: boolean] {
  const recipe = recipeOf(ops)
  const { pixels, format, autoOrient, density } = recipe
  const from = pictureOf(image, autoOrient, false, density)
  const whole = from.width * from.height
  const to = pictureAfterRecipe(from, recipe)
  const made = to === undefined ? whole : to.width * to.height
  const [first] = pixels
  // What doesn't begin by scaling works on all of the picture.
  const isScaled = first !== undefined && first.op.scales?.(first.params) !== undefined
  return [isScaled ? made : Math.max(made, whole), format?.type === 'avif']
}
