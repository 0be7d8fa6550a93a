import { defineAnalyzer } from '../../define-analyzer.js'
import { findAttention } from '../attention.js'
import { round, sortByImportance, toFinding } from '../boxes.js'
import type { Faces } from '../types.js'
import { readView } from '../view.js'
import { requestRekognition } from './client.js'
import { toPhoto } from './photo.js'

const MODEL = 'rekognition-faces/1'
/** Pixels. */
const VIEW_SIDE = 512

/** Faces by DetectFaces of Amazon Rekognition, at most 100. */
export const faces = defineAnalyzer<Faces>({
  name: 'faces',
  summary: 'Faces, by Amazon Rekognition.',
  model: MODEL,
  analyze: async (image, { signal }) => {
    const { bytes, toPicture } = await toPhoto(image.clone())
    const { FaceDetails = [] } = await requestRekognition(
      'rekognition:DetectFaces',
      signal,
      ({ sdk, client }) =>
        client.send(new sdk.DetectFacesCommand({ Image: { Bytes: bytes } }), {
          ...(signal && { abortSignal: signal }),
        }),
    )
    const found = FaceDetails.map(({ BoundingBox, Confidence = 0 }) => ({
      ...toFinding(toPicture(BoundingBox)),
      score: round(Confidence / 100),
    }))
    if (found.length > 0) return { model: MODEL, faces: sortByImportance(found) }
    return { model: MODEL, attention: await findAttention(await readView(image, VIEW_SIDE)), faces: [] }
  },
})
