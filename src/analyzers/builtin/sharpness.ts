import { defineAnalyzer } from '../define-analyzer.js'
import { readStats } from '../read-pixels.js'

export const sharpness = defineAnalyzer({
  name: 'sharpness',
  summary: 'How sharp the picture is within 1024x1024 pixels: 0 is a single grey, more is sharper.',
  analyze: async (image) => {
    const { sharpness: deviation } = await readStats(image)
    return Number(deviation.toFixed(3))
  },
})
