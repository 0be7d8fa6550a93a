import type { OwnOperation } from './types.js'

/**
 * Gives an operation of your own its types; returns its argument. The config can name a module that exports one by default.
 *
 * @example
 * ```ts
 * // operations/vignette.ts
 * import { defineOperation } from 'imgproc'
 * export default defineOperation({
 *   name: 'vignette',
 *   summary: 'Darkens the corners.',
 *   version: 1,
 *   params(input): { strength: number } {
 *     const { strength = 0.5 } = input as { strength?: number }
 *     if (!(strength >= 0 && strength <= 1)) throw new Error('strength: expected a number from 0 to 1')
 *     return { strength }
 *   },
 *   shorthand: (strength) => ({ strength }),
 *   apply(pixels, { strength }) {
 *     const { data, width, height, channels } = pixels
 *     for (let y = 0, at = 0; y < height; y++)
 *       for (let x = 0; x < width; x++, at += channels) {
 *         const distance = Math.hypot(x / width - 0.5, y / height - 0.5) / Math.SQRT1_2
 *         for (let c = 0; c < 3; c++) data[at + c]! *= 1 - strength * distance ** 2
 *       }
 *     return pixels
 *   },
 * })
 * ```
 */
export function defineOperation<Params = Record<string, never>>(
  operation: OwnOperation<Params>,
): OwnOperation<Params> {
  return operation
}
