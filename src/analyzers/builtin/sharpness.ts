import { defineAnalyzer } from '../define-analyzer.js'
import { readStats } from '../read-pixels.js'

export const sharpness = defineAnalyzer({
  name: 'sharpness',
  summary: 'Sharpness at 1024x1024 pixels or less: 0 for a single colour, higher is sharper.',
  analyze: async (image) => {
    const { sharpness: deviation } = await readStats(image)
    return Number(deviation.toFixed(3))
  },
})
