import { ImgprocError } from '../errors.js'
import { encodeBytesOf, estimatePictureMemory } from '../image/memory-estimate.js'
import { pictureAfterRecipe, planOutput } from '../render/render-rendition.js'
import { pictureOf, type OpenImage } from '../image/open-image.js'
import type { Rendition } from './types.js'
import { recipeOf } from '../render/recipe.js'

/** Estimates the memory, in bytes, of the rendition that needs most; 0 without renditions. */
export function estimateMemory(image: OpenImage, renditions: readonly Pick<Rendition, 'ops'>[]): number {
  const { metadata } = image
  // If a decoder has decoded the pixels already, reading them takes as much as an uncompressed TIFF.
  const isDecoded = image.release !== undefined && metadata.format !== 'heif'
  const format = isDecoded ? 'tiff' : image.format
  return Math.max(
    0,
    ...renditions.map(({ ops }) => {
      // Frames of a sequence are decoded only for an animation.
      const isStill = image.sequence !== undefined && !planOutput(image, recipeOf(ops)).animated
      const decoded = isStill ? { ...metadata, pages: 1 } : metadata
      return estimatePictureMemory({ metadata: decoded, format }, ...largestOf(image, ops))
    }),
  )
}

/**
 * Throws INPUT_TOO_LARGE if an image needs more memory than there is, before the system kills the process for it. The
 * error is retryable, since another machine may have more.
 */
export function checkMemory(bytes: number, available: number): void {
  if (bytes <= available) return
  const [needed, left] = [bytes, available].map((each) => `${(each / 1e9).toFixed(1)} GB`)
  throw new ImgprocError(
    'INPUT_TOO_LARGE',
    `The image needs about ${needed} of memory, more than the ${left} that are available. Scale it down as the first operation, or set a larger memory budget (memory, --memory).`,
    { stage: 'decode', retryable: true },
  )
}

/** Returns the pixels of the largest picture on the way to a rendition, and the bytes that each takes. */
function largestOf(image: OpenImage, ops: Rendition['ops']): [pixels: number, bytesPerPixel: number] {
  const recipe = recipeOf(ops)
  const { pixels, format, autoOrient, density } = recipe
  const from = pictureOf(image, autoOrient, false, density)
  const fullSize = from.width * from.height
  const to = pictureAfterRecipe(from, recipe)
  const outputSize = to === undefined ? fullSize : to.width * to.height
  const [first] = pixels
  // Without a scaling at first, operations run on the whole picture.
  const isScaled = first !== undefined && first.op.scales?.(first.params) !== undefined
  return [isScaled ? outputSize : Math.max(outputSize, fullSize), encodeBytesOf(format)]
}
