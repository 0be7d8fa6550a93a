import { defineAnalyzer } from '../define-analyzer.js'
import { readStats } from '../read-pixels.js'

export const entropy = defineAnalyzer({
  name: 'entropy',
  summary: 'How much goes on in the picture, in bits: 0 is a single grey, 8 every grey equally often.',
  analyze: async (image) => {
    const { entropy: bits } = await readStats(image)
    return Number(bits.toFixed(3))
  },
})
