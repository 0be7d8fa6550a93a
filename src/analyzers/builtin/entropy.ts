import { defineAnalyzer } from '../define-analyzer.js'
import { readStats } from '../read-pixels.js'

export const entropy = defineAnalyzer({
  name: 'entropy',
  summary: 'Entropy of the grey levels in bits: 0 for a single level, 8 if all are equally frequent.',
  analyze: async (image) => {
    const { entropy: bits } = await readStats(image)
    return Number(bits.toFixed(3))
  },
})
