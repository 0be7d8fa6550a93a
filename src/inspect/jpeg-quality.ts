import { quantTablesOf } from '../codec/requests/quantization-tables.js'
import { readQuantTables } from '../metadata/quant-tables.js'
import type { JpegQuality } from './types.js'

const NUMBERS = 64

/**
 * Estimates the quality of a JPEG on the scale of libjpeg, from 1 to 100: by the quantization table of its brightness that
 * is nearest. Cameras and Photoshop have scales and tables of their own. Undefined without a table.
 */
export function estimateJpegQuality(jpeg: Uint8Array): JpegQuality | undefined {
  const table = readQuantTables(jpeg).get(0)
  if (table === undefined) return undefined
  let best: JpegQuality = { value: 1, isExact: false }
  let least = Infinity
  for (let value = 1; value <= 100; value++) {
    const difference = compareTables(table, quantTablesOf(value).subarray(0, NUMBERS))
    if (difference >= least) continue
    least = difference
    best = { value, isExact: difference === 0 }
  }
  return best
}

/** Returns the mean relative difference. High frequencies have greater numbers, and count no more for that. */
function compareTables(table: readonly number[], other: Uint8Array): number {
  const sum = table.reduce((total, number, index) => {
    const expected = other[index] ?? 1
    return total + Math.abs(number - expected) / Math.max(number, expected)
  }, 0)
  return sum / table.length
}
