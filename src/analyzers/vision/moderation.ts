import { defineAnalyzer } from '../define-analyzer.js'
import { round } from './boxes.js'
import { findModelFiles } from './models/model-files.js'
import { runModel } from './models/model-worker.js'
import { NSFW_MOBILE_NET, readNsfwClasses } from './models/nsfw-mobile-net.js'
import type { Moderation } from './types.js'
import { readView, stretchToSquare } from './view.js'

/** Classes that count as unsafe. `sexy` does not: it holds swimwear and portraits too. */
const UNSAFE = new Set(['hentai', 'porn'])

/** Nudity and sex, in photos and drawings, by the model of NSFWJS. */
export const moderation = defineAnalyzer<Moderation>({
  name: 'moderation',
  summary: 'Nudity and sex: the probability that it is unsafe, and classes; needs packages of its own.',
  model: NSFW_MOBILE_NET.id,
  check: () => void findModelFiles(NSFW_MOBILE_NET),
  analyze: async (image, { seconds = 0, signal }) => {
    const { side } = NSFW_MOBILE_NET
    const view = await readView(image, 2 * side)
    const [outputs = {}] = await runModel(NSFW_MOBILE_NET, await stretchToSquare(view, side), {
      seconds,
      signal,
    })
    const classes = readNsfwClasses(outputs)
    const unsafe = classes.reduce((sum, { name, score }) => (UNSAFE.has(name) ? sum + score : sum), 0)
    return {
      model: NSFW_MOBILE_NET.id,
      unsafe: round(unsafe),
      classes: classes
        .map(({ name, score }) => ({ name, score: round(score) }))
        .toSorted((a, b) => b.score - a.score),
    }
  },
})
