import { defineAnalyzer } from '../define-analyzer.js'
import { BACKGROUND, readRgba } from '../read-pixels.js'

const SIDE = 32
const FREQUENCIES = 8
/** Coefficient of a cosine wave with an amplitude of one grey level. */
const GREY_LEVEL = (SIDE * SIDE) / 4

// The lowest basis functions of a DCT-II over one side.
const COSINES = Array.from({ length: FREQUENCIES }, (_, frequency) =>
  Array.from({ length: SIDE }, (_, at) => Math.cos((Math.PI * frequency * (2 * at + 1)) / (2 * SIDE))),
)

/**
 * DCT hash of pHash (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010). A bit is 1 if
 * its frequency, one of the 8x8 lowest of 32x32 pixels, is above their median. The bit order is that of Python's
 * ImageHash.
 */
export const phash = defineAnalyzer({
  name: 'phash',
  summary: 'Perceptual hash, 16 hex digits: copies in other sizes and formats differ in few of its 64 bits.',
  analyze: async (_image, { preview }) => {
    const flat = (await preview()).flatten({ background: BACKGROUND })
    const { data } = await readRgba(flat.resize(SIDE, SIDE, { fit: 'fill' }))
    const luma = Array.from(
      { length: SIDE * SIDE },
      (_, at) => 0.299 * data[4 * at]! + 0.587 * data[4 * at + 1]! + 0.114 * data[4 * at + 2]!,
    )
    const frequencies = COSINES.flatMap((down) => COSINES.map((across) => dctCoefficient(luma, across, down)))
    const middle = median(frequencies)
    const bits = frequencies.map((value) => (value > middle ? '1' : '0')).join('')
    return BigInt(`0b${bits}`).toString(16).padStart(16, '0')
  },
})

/** Returns a DCT coefficient in whole grey levels. Fractions would change with every encoder. */
function dctCoefficient(luma: readonly number[], across: readonly number[], down: readonly number[]): number {
  const sum = luma.reduce(
    (sum, value, at) => sum + value * across[at % SIDE]! * down[Math.floor(at / SIDE)]!,
    0,
  )
  return Math.round(sum / GREY_LEVEL)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2
}
