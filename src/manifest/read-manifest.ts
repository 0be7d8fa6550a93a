import { resolve } from 'node:path'
import type { Manifest } from './types.js'
import { ImgprocError } from '../errors.js'
import { createFileStore } from '../stores/file/store.js'

/**
 * Reads and validates a manifest that a run has written.
 *
 * @param path a file on disk, relative to the working directory.
 * @throws ImgprocError INPUT_NOT_FOUND if there is no such file, INVALID_USAGE if it is not a valid manifest.
 *
 * @example
 * ```ts
 * import { readManifest } from 'imgproc'
 * const { entries } = await readManifest('thumbs/manifest.json')
 * for (const { source, outputs } of entries) console.log(source.path, outputs.length)
 * ```
 */
export async function readManifest(path: string): Promise<Manifest> {
  const { readManifestFile } = await import('./manifest-file.js')
  const { toManifest } = await import('./lazy-manifest.js')
  const { manifest } = await readManifestFile(createFileStore({ cwd: '.' }), resolve(path))
  if (manifest !== undefined) return toManifest(manifest)
  throw new ImgprocError('INPUT_NOT_FOUND', `There is no manifest at ${path}.`, { stage: 'read', path })
}
