import { defineAnalyzer } from '../define-analyzer.js'
import { readRgba } from '../read-pixels.js'

export const thumbhash = defineAnalyzer({
  name: 'thumbhash',
  summary: 'Blurred placeholder of about 25 bytes in base64, with aspect ratio and alpha (ThumbHash).',
  analyze: async (_image, { preview }) => {
    const { rgbaToThumbHash } = await import('thumbhash')
    // The encoder accepts at most 100x100 pixels.
    const small = (await preview()).resize(100, 100, { fit: 'inside', withoutEnlargement: true })
    const { data, width, height } = await readRgba(small)
    return Buffer.from(rgbaToThumbHash(width, height, data)).toString('base64')
  },
})
