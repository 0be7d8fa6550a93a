import { defineAnalyzer } from '../define-analyzer.js'
import { round, sortByImportance, toFinding } from './boxes.js'
import type { Faces, Region } from './types.js'
import { findAttention } from './attention.js'
import { findFaces } from './find-faces.js'
import { BLAZE_FACE } from './models/blaze-face.js'
import { findModelFiles } from './models/model-files.js'
import { readView } from './view.js'

/** Pixels: enough for faces of a fortieth of the picture, and read in 10 ms from a JPEG of 12 MP. */
const VIEW_SIDE = 1024

/**
 * Faces, by BlazeFace. Finds those seen from the front or at an angle, from about a thirtieth of the short side of the picture
 * on; profiles and heads from behind only now and then. It tells no faces apart.
 */
export const faces = defineAnalyzer<Faces>({
  name: 'faces',
  summary: 'Faces: boxes in fractions of the picture, and scores; needs packages of its own.',
  model: BLAZE_FACE.id,
  check: () => void findModelFiles(BLAZE_FACE),
  analyze: async (image, { seconds = 0, signal }) => {
    const view = await readView(image, VIEW_SIDE)
    const found = await findFaces(view, { seconds, signal })
    if (found.length === 0) return { model: BLAZE_FACE.id, attention: await findAttention(view), faces: [] }
    const boxes = found.map(({ score, ...box }) => ({ ...toFinding(toWholeFace(box)), score: round(score) }))
    return { model: BLAZE_FACE.id, faces: sortByImportance(boxes) }
  },
})

/** Part of its height by which a box grows upwards. */
const FOREHEAD = 0.27
/** Part of its width by which it shrinks on each side. */
const SIDE = 0.04

/**
 * Returns the box of the whole face. BlazeFace's squares go from the brows to the chin; those of other detectors, such as the
 * SSD of face-api, begin at the hair. Measured on 36 faces.
 */
function toWholeFace({ left, top, width, height }: Region): Region {
  return {
    left: left + SIDE * width,
    top: top - FOREHEAD * height,
    width: width * (1 - 2 * SIDE),
    height: height * (1 + FOREHEAD),
  }
}
