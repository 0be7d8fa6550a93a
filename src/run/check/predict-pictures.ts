import { defaultFormat, FORMATS } from '../../image/output-formats.js'
import { skipReason } from '../../jobs/skip-rules.js'
import type { Job, Output, Rendition } from '../../jobs/types.js'
import type { OpenImage } from '../../image/open-image.js'
import { recipeOf } from '../../render/recipe.js'
import { pictureAfter } from '../../render/render-rendition.js'
import type { Store } from '../../stores/types.js'
import { predictTarget, readHeader } from './predict-outputs.js'

/** Facts of an output that is not made yet. */
export type PredictedOutput = Pick<
  Output,
  'preset' | 'path' | 'recipe' | 'format' | 'mime' | 'width' | 'height'
>

/**
 * Returns the outputs that the renditions of a job will have, without those that will be skipped. Returns undefined if the
 * header of the source does not tell, as with a trimmed or an animated picture, or the format `auto`.
 */
export async function predictPictures(job: Job, store: Store): Promise<PredictedOutput[] | undefined> {
  const image = await readHeader(job, store)
  if (image === undefined || (image.metadata.pages ?? 1) > 1) return undefined
  const outputs: PredictedOutput[] = []
  for (const rendition of job.renditions) {
    if (skipReason(rendition, (ops) => pictureAfter(image, ops)) !== undefined) continue
    if (recipeOf(rendition.ops).page !== undefined) return undefined
    const output = predictOutput(rendition, image)
    if (output === undefined) return undefined
    outputs.push(output)
  }
  return outputs
}

function predictOutput(rendition: Rendition, image: OpenImage): PredictedOutput | undefined {
  const { preset, recipe, ops } = rendition
  const picture = pictureAfter(image, ops)
  if (picture === undefined) return undefined
  const { type } = recipeOf(ops).format ?? defaultFormat(image.format, picture.alpha)
  if (type === 'auto') return undefined
  const { width, height } = picture
  return {
    preset,
    path: predictTarget(rendition, image),
    recipe,
    format: type,
    mime: FORMATS[type].mime,
    width,
    height,
  }
}
