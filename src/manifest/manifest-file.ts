import { createHash } from 'node:crypto'
import { ImgprocError } from '../errors.js'
import { openLazyManifest } from './parse-manifest.js'
import { layoutOf } from './line-index.js'
import { toBytes, type LazyManifest } from './lazy-manifest.js'
import type { Store, Source } from '../stores/types.js'

/** A manifest's file, and what it says. */
export interface ManifestFile {
  readonly ref: string
  /** Undefined where there is no file yet. */
  readonly manifest: LazyManifest | undefined
  /** Of the file's bytes. */
  readonly hash: string | undefined
  /** What its store said of the file before it was read. */
  readonly found: Source | undefined
}

/**
 * Reads a manifest's file, if it is there. Throws INVALID_USAGE where it isn't one of ours.
 *
 * @param known tells the hash of a file that we have written ourselves: it needs no check.
 */
export async function readManifestFile(
  store: Store,
  ref: string,
  known: () => Promise<string | undefined> = async () => undefined,
): Promise<ManifestFile> {
  const found = await store.stat(ref)
  if (found === undefined) return { ref, manifest: undefined, hash: undefined, found }
  const { buffer, byteOffset, byteLength } = await store.read(ref)
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  const hash = sha256Base64Url(bytes)
  return { ref, manifest: openLazyManifest(bytes, ref, layoutOf(ref), hash === (await known())), hash, found }
}

/** Writes a manifest, whole or not at all; one that says the same already is left untouched. The hash of the file. */
export async function writeManifestFile(
  store: Store,
  { ref, hash: before }: Pick<ManifestFile, 'ref' | 'hash'>,
  manifest: LazyManifest,
): Promise<string> {
  const { head, lines, changes } = manifest
  if (before !== undefined && changes.size === 0 && head === lines?.head) return before
  const layout = layoutOf(ref)
  const bytes = toBytes(manifest, layout)
  const hash = sha256Base64Url(bytes)
  const contentType = layout === 'json' ? 'application/json' : 'application/x-ndjson'
  if (hash !== before) {
    await store.write(ref, bytes, { contentType }).catch((error: unknown) => {
      throw explainUnwritten(error, before !== undefined)
    })
  }
  return hash
}

/** Who reads that there is no manifest wants to know what there is. */
function explainUnwritten(error: unknown, hadOne: boolean): unknown {
  if (!(error instanceof ImgprocError)) return error
  const { code, message, stage, path, retryable } = error
  const state = hadOne ? 'The manifest is the old one, as it was' : 'There is no manifest yet'
  return new ImgprocError(code, `${message} ${state}; images that were made are there.`, {
    stage,
    path,
    retryable,
    cause: error,
  })
}

function sha256Base64Url(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url')
}
