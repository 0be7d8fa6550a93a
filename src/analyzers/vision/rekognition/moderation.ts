import { defineAnalyzer } from '../../define-analyzer.js'
import { round } from '../boxes.js'
import type { Moderation } from '../types.js'
import { requestRekognition } from './client.js'
import { toPhoto } from './photo.js'

const MODEL = 'rekognition-moderation/1'

/**
 * First level of the service's labels that counts as unsafe: versions 7 and 6. Swimwear, alcohol, tobacco, gambling and rude
 * gestures do not.
 */
const UNSAFE = new Set(['explicit', 'explicit nudity', 'violence', 'visually disturbing', 'hate symbols'])

/** Lowest confidence of a label that is asked for, in per cent: below it the service answers nothing. */
const MIN_CONFIDENCE = 20

/** Unsafe content by DetectModerationLabels of Amazon Rekognition. */
export const moderation = defineAnalyzer<Moderation>({
  name: 'moderation',
  summary: 'Unsafe content, by Amazon Rekognition.',
  model: MODEL,
  analyze: async (image, { signal }) => {
    const { bytes } = await toPhoto(image)
    const { ModerationLabels = [] } = await requestRekognition(
      'rekognition:DetectModerationLabels',
      signal,
      ({ sdk, client }) =>
        client.send(
          new sdk.DetectModerationLabelsCommand({ Image: { Bytes: bytes }, MinConfidence: MIN_CONFIDENCE }),
          { ...(signal && { abortSignal: signal }) },
        ),
    )
    const classes = ModerationLabels.map(({ Name = '', Confidence = 0 }) => ({
      name: Name.toLowerCase(),
      score: round(Confidence / 100),
    })).toSorted((a, b) => b.score - a.score)
    const unsafe = classes.find(({ name }) => UNSAFE.has(name))?.score ?? 0
    return { model: MODEL, unsafe, classes }
  },
})
