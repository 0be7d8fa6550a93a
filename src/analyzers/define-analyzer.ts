import type { Analyzer } from './types.js'

/**
 * Gives an analyzer its types; returns what it is given. A module that exports one by default can be named in the
 * config file; what it finds stands under `analysis` in the manifest, so it has to be plain JSON.
 *
 * @example
 * ```ts
 * // analyzers/brightness.ts
 * import { defineAnalyzer } from 'imgproc'
 * export default defineAnalyzer({
 *   name: 'brightness',
 *   summary: 'How bright the picture is on average, 0 to 255.',
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
