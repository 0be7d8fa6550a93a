import { ImgprocError } from '../errors.js'
import { openLazyManifest } from './parse-manifest.js'
import { layoutOf } from './line-index.js'
import type { LazyManifest } from './lazy-manifest.js'
import { toParts } from './to-bytes.js'
import { readParts } from '../stores/read-parts.js'
import { writeParts } from '../stores/write-parts.js'
import { inParts } from '../utils/spool/bytes.js'
import { createSha256 } from '../utils/sha256.js'
import type { Store, Source } from '../stores/types.js'

/** A manifest's file and its content. */
export interface ManifestFile {
  readonly ref: string
  /** Undefined if there is no file yet. */
  readonly manifest: LazyManifest | undefined
  /** The manifest in the file, if `manifest` has results besides that a killed run left. */
  readonly stored?: LazyManifest | undefined
  /** Hash of the file's bytes. Undefined if there is no file yet. */
  readonly hash: string | undefined
  /** The file's stat before it was read. Undefined if there is no file yet. */
  readonly found: Source | undefined
}

/**
 * Reads a manifest's file, if it exists.
 *
 * @param known returns the hash of the file that the last run wrote: a file with this hash is not validated.
 * @throws ImgprocError INVALID_USAGE if the file is not a valid imgproc manifest.
 */
export async function readManifestFile(
  store: Store,
  ref: string,
  known: () => Promise<string | undefined> = async () => undefined,
): Promise<ManifestFile> {
  const found = await store.stat(ref)
  if (found === undefined) return { ref, manifest: undefined, hash: undefined, found }
  const bytes = await readParts(store, found)
  const hash = hashParts(inParts(bytes, 0, bytes.length()))
  return { ref, manifest: openLazyManifest(bytes, ref, layoutOf(ref), hash === (await known())), hash, found }
}

/** Writes a manifest atomically, unless its file has this content already. Returns the hash of the file. */
export async function writeManifestFile(
  store: Store,
  { ref, hash: before }: Pick<ManifestFile, 'ref' | 'hash'>,
  manifest: LazyManifest,
): Promise<string> {
  const { head, lines, changes } = manifest
  if (before !== undefined && changes.size === 0 && lines?.isFile === true && head === lines.head)
    return before
  const layout = layoutOf(ref)
  const hash = hashParts(toParts(manifest, layout))
  const contentType = layout === 'json' ? 'application/json' : 'application/x-ndjson'
  if (hash !== before) {
    await writeParts(store, ref, toParts(manifest, layout), { contentType }).catch((error: unknown) => {
      throw explainWriteError(error, before !== undefined)
    })
  }
  return hash
}

/** Adds the state of manifest and outputs to a write error. */
function explainWriteError(error: unknown, hadManifest: boolean): unknown {
  if (!(error instanceof ImgprocError)) return error
  const { code, message, stage, path, retryable } = error
  const state = hadManifest ? 'The manifest was not changed' : 'No manifest was written'
  return new ImgprocError(code, `${message} ${state}; outputs already written are kept.`, {
    stage,
    path,
    retryable,
    cause: error,
  })
}

/** Hashes a manifest's file for the source index. */
function hashParts(parts: Iterable<Uint8Array>): string {
  const hash = createSha256()
  for (const part of parts) hash.update(part)
  return hash.digest('base64url')
}
