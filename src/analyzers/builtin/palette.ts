import { defineAnalyzer } from '../define-analyzer.js'
import { readRgba } from '../read-pixels.js'
import { findClusters } from './color-clusters.js'

/** A colour and its share of the picture. */
export interface PaletteColor {
  /** `#rrggbb` */
  readonly hex: string
  /** Share of the visible pixels, 0 to 1. */
  readonly share: number
}

/** Main colours of a picture. */
export interface Palette {
  /** Colour with the largest share; null if all pixels are transparent. */
  readonly dominant: string | null
  /** At most six, the largest share first. */
  readonly colors: readonly PaletteColor[]
}

const MAX_COLORS = 6

export const palette = defineAnalyzer({
  name: 'palette',
  summary: 'Dominant colour, and up to six colours with their shares.',
  analyze: async (_image, { preview }): Promise<Palette> => {
    const { data } = await readRgba(await preview())
    const colors = findClusters(data, MAX_COLORS).map(({ rgb, share }) => ({
      hex: `#${rgb.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`,
      share: Number(share.toFixed(3)),
    }))
    return { dominant: colors[0]?.hex ?? null, colors }
  },
})
