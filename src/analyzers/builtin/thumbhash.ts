import { defineAnalyzer } from '../define-analyzer.js'
import { readRgba } from '../read-pixels.js'

export const thumbhash = defineAnalyzer({
  name: 'thumbhash',
  summary:
    'A blurred placeholder with aspect ratio and transparency in about 25 bytes, as base64 (ThumbHash).',
  analyze: async (_image, { preview }) => {
    const { rgbaToThumbHash } = await import('thumbhash')
    // The encoder takes no more than 100x100.
    const small = (await preview()).resize(100, 100, { fit: 'inside', withoutEnlargement: true })
    const { data, width, height } = await readRgba(small)
    return Buffer.from(rgbaToThumbHash(width, height, data)).toString('base64')
  },
})
