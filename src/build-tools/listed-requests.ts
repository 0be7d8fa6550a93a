import { existsSync } from 'node:fs'
import { presetNames } from '../config/presets.js'
import { readManifestFile } from '../manifest/manifest-file.js'
import { isRemote, resolveLocation } from '../paths/location.js'
import { manifestRef } from '../run/open-folder.js'
import type { Workshop } from './make-pictures.js'
import type { Request } from './types.js'

/** Outputs to look at before anybody has asked for them. A manifest of more is that of other work. */
const MAX_LISTED = 2000

/** Returns the sources and presets that the manifest of earlier runs lists. */
export async function findListed({ store, options }: Workshop): Promise<readonly Request[]> {
  const { root, out, manifest: file } = options
  const { manifest } = await readManifestFile(store, manifestRef(out, { manifest: file, shard: undefined }))
  const names = new Set(
    presetNames({ presets: options.presets as Parameters<typeof presetNames>[0]['presets'] }),
  )
  const listed: Request[] = []
  for (const { source, outputs } of manifest ?? []) {
    const ref = resolveLocation(source.path, root)
    const presets = new Set(outputs.map(({ preset }) => preset).filter((name) => names.has(name)))
    if (presets.size === 0 || isRemote(ref) || !existsSync(ref)) continue
    for (const preset of presets) listed.push({ file: ref, preset })
    if (listed.length > MAX_LISTED) return []
  }
  return listed
}
