import { defineAnalyzer } from '../define-analyzer.js'
import { findAttention } from './attention.js'
import { isSame, keepBest, round, sortByImportance, toFinding } from './boxes.js'
import { CENTER_NET, readCenterNet } from './models/center-net.js'
import { findModelFiles } from './models/model-files.js'
import { runModel } from './models/model-worker.js'
import type { Objects } from './types.js'
import { readView, stretchToSquare } from './view.js'

/** Score from which CenterNet is right more often than wrong. */
const MIN_SCORE = 0.3

/** Things, animals and people of the 80 kinds of COCO, by CenterNet. */
export const objects = defineAnalyzer<Objects>({
  name: 'objects',
  summary: 'People, animals and things: labels, boxes and scores; needs packages of its own.',
  model: CENTER_NET.id,
  check: () => void findModelFiles(CENTER_NET),
  analyze: async (image, { seconds = 0, signal }) => {
    const view = await readView(image, CENTER_NET.side)
    const [outputs = {}] = await runModel(CENTER_NET, await stretchToSquare(view, CENTER_NET.side), {
      seconds,
      signal,
    })
    const found = keepBest(readCenterNet(outputs, MIN_SCORE), (a, b) => a.label === b.label && isSame(a, b))
    if (found.length === 0) return { model: CENTER_NET.id, attention: await findAttention(view), objects: [] }
    const boxes = found.map(({ score, ...box }) => ({ ...toFinding(box), score: round(score) }))
    return { model: CENTER_NET.id, objects: sortByImportance(boxes) }
  },
})
