import { defineAnalyzer } from '../../define-analyzer.js'
import { findAttention } from '../attention.js'
import { round, sortByImportance, toFinding } from '../boxes.js'
import type { Objects } from '../types.js'
import { readView } from '../view.js'
import { requestRekognition } from './client.js'
import { toPhoto } from './photo.js'

const MODEL = 'rekognition-labels/1'
/** Pixels. */
const VIEW_SIDE = 512

/** Things with a box by DetectLabels of Amazon Rekognition. Labels of the whole picture, such as "Nature", have none. */
export const objects = defineAnalyzer<Objects>({
  name: 'objects',
  summary: 'People, animals and things, by Amazon Rekognition.',
  model: MODEL,
  analyze: async (image, { signal }) => {
    const { bytes, toPicture } = await toPhoto(image.clone())
    const { Labels = [] } = await requestRekognition('rekognition:DetectLabels', signal, ({ sdk, client }) =>
      client.send(new sdk.DetectLabelsCommand({ Image: { Bytes: bytes } }), {
        ...(signal && { abortSignal: signal }),
      }),
    )
    const found = Labels.flatMap(({ Name = '', Instances = [] }) =>
      Instances.map(({ BoundingBox, Confidence = 0 }) => ({
        ...toFinding(toPicture(BoundingBox)),
        label: Name.toLowerCase(),
        score: round(Confidence / 100),
      })),
    )
    if (found.length > 0) return { model: MODEL, objects: sortByImportance(found) }
    return { model: MODEL, attention: await findAttention(await readView(image, VIEW_SIDE)), objects: [] }
  },
})
