import { defineAnalyzer } from '../define-analyzer.js'
import { BACKGROUND, readRgba } from '../read-pixels.js'

/** Components along the longer side, as in BlurHash's own examples: 4x3 for a landscape. */
const COMPONENTS = 4

export const blurhash = defineAnalyzer({
  name: 'blurhash',
  summary: 'A blurred placeholder as a text of about 28 characters, on white (BlurHash).',
  analyze: async (_image, { width, height, preview }) => {
    const { encode } = await import('blurhash')
    const longer = Math.max(width, height)
    const components = (side: number) => Math.max(1, Math.round((COMPONENTS * side) / longer))
    // So few components hold nothing that 32 pixels don't show, and the encoder's work grows with the pixels.
    const small = (await preview()).flatten({ background: BACKGROUND })
    const pixels = await readRgba(small.resize(32, 32, { fit: 'inside', withoutEnlargement: true }))
    const rgba = new Uint8ClampedArray(pixels.data)
    return encode(rgba, pixels.width, pixels.height, components(width), components(height))
  },
})
