import { formatManifest, parseManifest } from './manifest.js'
import type { Manifest } from './manifest-types.js'
import type { Store } from './types.js'

/** A manifest and the text that it was read from. */
export interface ManifestFile {
  readonly ref: string
  /** Undefined where there is no file yet. */
  readonly manifest: Manifest | undefined
  readonly text: string | undefined
}

/** Reads a manifest's file, if it is there. Throws INVALID_USAGE where it isn't one of ours. */
export async function readManifestFile(store: Store, ref: string): Promise<ManifestFile> {
  if ((await store.stat(ref)) === undefined) return { ref, manifest: undefined, text: undefined }
  const text = Buffer.from(await store.read(ref)).toString()
  return { ref, manifest: parseManifest(text, ref), text }
}

/** Writes a manifest, whole or not at all; one that says the same already is left untouched. */
export async function writeManifestFile(
  store: Store,
  before: ManifestFile,
  manifest: Manifest,
): Promise<void> {
  const text = formatManifest(manifest)
  if (text === before.text) return
  await store.write(before.ref, Buffer.from(text), { contentType: 'application/json' })
}
