import type { UserConfig } from './types.generated.js'

/**
 * Gives a config file in JavaScript or TypeScript its types; returns what it is given.
 *
 * @example
 * ```ts
 * // imgproc.config.ts
 * import { defineConfig } from 'imgproc'
 * export default defineConfig({
 *   out: 'public/img',
 *   presets: { card: { ops: [{ thumbnail: '400x300' }, { format: 'webp' }] } },
 *   batches: [{ inputs: ['photos/**'], presets: ['card'] }],
 * })
 * ```
 */
export function defineConfig(config: UserConfig): UserConfig {
  return config
}
