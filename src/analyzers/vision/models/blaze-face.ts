import type { Candidate } from '../boxes.js'
import type { Model } from './model-files.js'
import type { ModelOutputs } from './model-worker.js'

const SIDE = 256

/*
 * BlazeFace (Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019), the model for
 * the back camera. Of its anchors MediaPipe's graph "face_detection_back" says: 2 at each cell of 16 pixels, then 6 at
 * each of 32, in the middle of the cell; boxes are in pixels, relative to the anchor.
 */
export const BLAZE_FACE: Model = {
  id: 'blazeface-back/2',
  package: '@vladmandic/human',
  topology: 'models/blazeface.json',
  weights: ['models/blazeface.bin'],
  sha256: 'dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72',
  side: SIDE,
  scale: 1 / 127.5,
  offset: -1,
  outputs: ['Identity', 'Identity_1', 'Identity_2', 'Identity_3'],
}

/** Values of a box: middle, size, and six points of the face. */
const VALUES_PER_BOX = 16

/** Anchors of one layer of the network. */
interface Layer {
  /** Pixels of a cell. */
  readonly cell: number
  readonly anchorsPerCell: number
}

const LAYERS: readonly Layer[] = [
  { cell: 16, anchorsPerCell: 2 },
  { cell: 32, anchorsPerCell: 6 },
]

/**
 * Returns the boxes of faces in fractions of the square that the model saw; overlapping ones too.
 *
 * @param minScore from 0 to 1.
 */
export function readBlazeFace(outputs: ModelOutputs, minScore: number): Candidate[] {
  const all = Object.values(outputs)
  return LAYERS.flatMap((layer) => {
    const anchors = (SIDE / layer.cell) ** 2 * layer.anchorsPerCell
    const scores = all.find(({ length }) => length === anchors)
    const boxes = all.find(({ length }) => length === anchors * VALUES_PER_BOX)
    if (scores === undefined || boxes === undefined)
      throw new Error('BlazeFace has other outputs than expected')
    return readLayer(layer, scores, boxes, minScore)
  })
}

function readLayer(
  { cell, anchorsPerCell }: Layer,
  scores: Float32Array,
  boxes: Float32Array,
  minScore: number,
): Candidate[] {
  const cells = SIDE / cell
  const found: Candidate[] = []
  for (const [index, logit] of scores.entries()) {
    const score = 1 / (1 + Math.exp(-logit))
    if (score < minScore) continue
    const place = Math.floor(index / anchorsPerCell)
    const x = cell * ((place % cells) + 0.5)
    const y = cell * (Math.floor(place / cells) + 0.5)
    const at = index * VALUES_PER_BOX
    const [width, height] = [boxes[at + 2]!, boxes[at + 3]!]
    found.push({
      left: (x + boxes[at]! - width / 2) / SIDE,
      top: (y + boxes[at + 1]! - height / 2) / SIDE,
      width: width / SIDE,
      height: height / SIDE,
      score,
    })
  }
  return found
}
