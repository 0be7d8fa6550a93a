import { versions } from '../../manifest/tool-versions.js'
import { ownVersions } from '../../operations/parse-operations.js'
import { isRemote } from '../../paths/location.js'
import { allOpsOf } from '../../plan/expand-presets.js'
import type { ListedBatch } from '../../plan/list-batches.js'
import type { FoundSource } from '../../plan/source-list.js'
import { hashFiles } from '../../plan/recipe-hash.js'
import type { Source, Store } from '../../stores/types.js'
import { createSha256, type Hash } from '../../utils/sha256.js'
import type { ResolvedRun } from '../types.js'

/** Returns the only output folder of a run whose snapshot can tell that nothing has changed; else undefined. */
export function snapshotFolder({ batches, manifest, shard, prune }: ResolvedRun): string | undefined {
  const [out, ...others] = new Set(batches.map((batch) => batch.out))
  if (out === undefined || others.length > 0 || isRemote(out)) return undefined
  if (manifest === false || (manifest !== undefined && isRemote(manifest))) return undefined
  return shard === undefined && !prune ? out : undefined
}

/**
 * Returns the hash of everything that a run's plan depends on, besides the manifest and the outputs. Undefined if files
 * alone do not tell: a source without dates, or in the output folder, where outputs count as inputs; or a folder of
 * inputs that has a manifest of its own.
 */
export async function identify(
  store: Store,
  run: ResolvedRun,
  out: string,
  listed: readonly ListedBatch[],
): Promise<string | undefined> {
  const settings = describeSettings(run)
  if (snapshotFolder(run) === undefined || settings === undefined) return undefined
  const folders = new Set(listed.flatMap(({ files }) => files.folders))
  for (const folder of folders)
    if (folder !== out && (await store.stat(`${folder}/manifest.json`)) !== undefined) return undefined
  const hash = createSha256()
  const overlays = await hashFiles(store, allOpsOf(run.batches))
  hash.update(JSON.stringify([versions(), ownVersions(allOpsOf(run.batches)), settings, [...overlays]]))
  for (const { files } of listed) {
    const { sources, bases, ignored } = files
    for (const { source } of sources)
      if (source.changed === undefined || source.ref.startsWith(`${out}/`)) return undefined
    hash.update(
      JSON.stringify([bases, [...ignored].toSorted(([a], [b]) => (a < b ? -1 : 1)), sources.length]),
    )
    updateHash(hash, sources)
  }
  return hash.digest('hex')
}

/** Characters that are hashed together: a call takes longer than a short text. */
const CHUNK = 64 * 1024

function updateHash(hash: Hash, sources: Iterable<FoundSource>): void {
  let text = ''
  let separator = ''
  for (const { source } of sources) {
    text += separator + describeSource(source)
    separator = '\n'
    if (text.length < CHUNK) continue
    hash.update(text)
    text = ''
  }
  hash.update(text)
}

/** Returns what tells that a file is unchanged. */
export function describeSource({ ref, size, modified, changed }: Source): string {
  return `${ref}\0${size} ${modified} ${changed}`
}

/** Returns the settings that a plan depends on, as JSON. Undefined if one of them is code. */
function describeSettings(run: ResolvedRun): string | undefined {
  const { cwd, root, batches, analyzers, limits, failOn, manifest, allowEmpty, refresh, baseUrl, outFile } =
    run
  let isData = true
  const text = JSON.stringify(
    { cwd, root, batches, analyzers, limits, failOn, manifest, allowEmpty, refresh, baseUrl, outFile },
    (_key, value: unknown) => {
      if (typeof value === 'function') isData = false
      return value
    },
  )
  return isData ? text : undefined
}
