import type { Merged, MergeOptions } from '../types.js'

/**
 * Joins manifests, such as those of a run's shards, into one. The result does not depend on their order. A manifest at
 * `out` is replaced.
 *
 * @param manifests files and URLs of manifests, and globs.
 * @throws ImgprocError INPUT_NOT_FOUND if one does not exist, INVALID_USAGE if it is no manifest, OUTPUT_COLLISION if
 * they contradict each other.
 * @example
 * ```ts
 * import { mergeManifests } from 'imgproc'
 * const { manifest, missing } = await mergeManifests(['out/manifest-*-of-3.json'], { out: 'out/manifest.json' })
 * console.log(manifest.entries.length, missing)
 * ```
 */
export async function mergeManifests(
  manifests: readonly string[],
  options: MergeOptions = {},
): Promise<Merged> {
  const { joinManifestFiles } = await import('./join-manifest-files.js')
  return joinManifestFiles(manifests, options)
}
