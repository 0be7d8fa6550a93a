import { defineAnalyzer } from '../define-analyzer.js'
import { BACKGROUND, readRgba } from '../read-pixels.js'

/** Components along the longer side, as in BlurHash's examples: 4x3 for landscape format. */
const COMPONENTS = 4

export const blurhash = defineAnalyzer({
  name: 'blurhash',
  summary: 'Blurred placeholder as a string of about 28 characters, on white (BlurHash).',
  analyze: async (_image, { width, height, preview }) => {
    const { encode } = await import('blurhash')
    const longer = Math.max(width, height)
    const components = (side: number) => Math.max(1, Math.round((COMPONENTS * side) / longer))
    // 32 pixels are enough for so few components, and the encoder's time grows with the pixels.
    const small = (await preview()).flatten({ background: BACKGROUND })
    const pixels = await readRgba(small.resize(32, 32, { fit: 'inside', withoutEnlargement: true }))
    const rgba = new Uint8ClampedArray(pixels.data)
    return encode(rgba, pixels.width, pixels.height, components(width), components(height))
  },
})
