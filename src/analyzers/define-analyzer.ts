import type { Analyzer } from './types.js'

/**
 * Returns an analyzer unchanged, with its types. The config file can name a module that exports one by default.
 * Findings must be plain JSON, and are stored under `analysis` in the manifest.
 *
 * @example
 * ```ts
 * // analyzers/brightness.ts
 * import { defineAnalyzer } from 'imgproc'
 * export default defineAnalyzer({
 *   name: 'brightness',
 *   summary: 'Average brightness, 0 to 255.',
 *   analyze: async (image, { preview }) => {
 *     const { channels } = await (await preview()).stats()
 *     const [red = 0, green = 0, blue = 0] = channels.map(({ mean }) => mean)
 *     return Math.round((red + green + blue) / 3)
 *   },
 * })
 * ```
 */
export function defineAnalyzer<F>(analyzer: Analyzer<F>): Analyzer<F> {
  return analyzer
}
