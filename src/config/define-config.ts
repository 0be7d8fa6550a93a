import type { UserConfig } from './types.generated.js'

/**
 * Returns a config unchanged, with its types. Use it in config files in JavaScript or TypeScript.
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
