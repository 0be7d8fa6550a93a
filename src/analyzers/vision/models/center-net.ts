import type { DetectedObject } from '../types.js'
import { COCO_LABELS } from './coco-labels.js'
import type { Model } from './model-files.js'
import type { ModelOutputs } from './model-worker.js'

const SIDE = 512
const DETECTIONS = 'tower_0/detections'

/*
 * CenterNet (Zhou et al., "Objects as Points", 2019) over MobileNet 3, trained on COCO. Each of its 100 detections has two
 * corners in pixels of its input, a score, and the index of a label.
 */
export const CENTER_NET: Model = {
  id: 'centernet-mobilenet3-coco/1',
  package: '@vladmandic/human',
  topology: 'models/centernet.json',
  weights: ['models/centernet.bin'],
  sha256: '1b635a15009071f506f9f2b3519b31c072c534888989f30d269ffd44734ef7ef',
  side: SIDE,
  scale: 1,
  offset: 0,
  outputs: [DETECTIONS],
}

const VALUES_PER_DETECTION = 6

/**
 * Returns things in fractions of the picture; overlapping boxes too.
 *
 * @param minScore from 0 to 1.
 */
export function readCenterNet(outputs: ModelOutputs, minScore: number): DetectedObject[] {
  const values = outputs[DETECTIONS]
  if (values === undefined) throw new Error('CenterNet has other outputs than expected')
  const found: DetectedObject[] = []
  for (let at = 0; at + VALUES_PER_DETECTION <= values.length; at += VALUES_PER_DETECTION) {
    const [left = 0, top = 0, right = 0, bottom = 0, score = 0, index = -1] = values.subarray(
      at,
      at + VALUES_PER_DETECTION,
    )
    const label = COCO_LABELS[index]
    if (score < minScore || label === undefined || right <= left || bottom <= top) continue
    const size = { width: (right - left) / SIDE, height: (bottom - top) / SIDE }
    found.push({ left: left / SIDE, top: top / SIDE, ...size, label, score })
  }
  return found
}
