import { isRemote } from '../paths/location.js'
import type { Store, Source } from '../stores/types.js'
import { asRecord, parseJson } from '../utils/parse-json.js'

/** Size, mtime and ETag of a source at its last run. If they match, the source is not read again. */
export interface SourceFingerprint {
  /** Bytes. */
  readonly size: number
  readonly modified?: string | undefined
  readonly etag?: string | undefined
  /** Time of the last change of a local file (ctime), in milliseconds since 1970. */
  readonly changed?: number | undefined
  /** Limits and versions under which it failed with an error that is not retryable. */
  readonly failed?: string | undefined
}

/** Fingerprints by the source's id in the manifest. */
export type SourceFingerprints = ReadonlyMap<string, SourceFingerprint>

/** The sources of an output folder as the last run saw them. */
export interface SourceIndex {
  readonly sources: SourceFingerprints
  /** Hash of the manifest's file that the last run wrote. A file with this hash needs no validation. */
  readonly manifest?: string | undefined
}

const VERSION = 1

/** Returns the index file of a state folder. It is a cache: without it, content hashes decide. */
function indexFile(state: string): string {
  return `${state}/seen.json`
}

/** Reads the source index. Returns an empty one if the file does not exist or is invalid. */
export async function readSourceIndex(store: Store, state: string): Promise<SourceIndex> {
  const ref = indexFile(state)
  if ((await store.stat(ref)) === undefined) return { sources: new Map() }
  const { version, manifest, sources } = asRecord(parseJson(Buffer.from(await store.read(ref)).toString()))
  const entries = Object.entries(asRecord(sources))
  if (version !== VERSION || !entries.every(isEntry)) return { sources: new Map() }
  return { sources: new Map(entries), ...(typeof manifest === 'string' && { manifest }) }
}

/** Checks an entry without zod, which is too slow for a million of them. */
function isEntry(entry: [string, unknown]): entry is [string, SourceFingerprint] {
  const { size, modified, etag, changed, failed } = asRecord(entry[1])
  return (
    typeof size === 'number' &&
    isOptionalString(modified) &&
    isOptionalString(etag) &&
    (changed === undefined || typeof changed === 'number') &&
    isOptionalString(failed)
  )
}

function isOptionalString(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

/** Writes the source index, one source a line, unless the file has this content already. */
export async function writeSourceIndex(store: Store, state: string, index: SourceIndex): Promise<void> {
  const [ref, text] = [indexFile(state), formatIndex(index)]
  const before = await store.read(ref).catch(() => undefined)
  if (before !== undefined && Buffer.from(before).toString() === text) return
  await store.write(ref, Buffer.from(text), { contentType: 'application/json' })
  if (!isRemote(state)) await ignoreInGit(store, state)
}

/** Keeps a state folder on the disk out of Git, which it is of no use in. */
async function ignoreInGit(store: Store, state: string): Promise<void> {
  const ref = `${state}/.gitignore`
  try {
    if ((await store.stat(ref)) === undefined)
      await store.write(ref, Buffer.from('*\n'), { contentType: 'text/plain' })
  } catch {
    // The run does not need the file.
  }
}

/** Returns true if a source is unchanged, false if it has changed, and undefined if only its content can tell. */
export function matchesFingerprint(
  { size, modified, etag, changed }: Source,
  fingerprint: SourceFingerprint,
): boolean | undefined {
  if (size > 0 && size !== fingerprint.size) return false
  if (etag !== undefined && fingerprint.etag !== undefined) return etag === fingerprint.etag
  if (modified === undefined || modified !== fingerprint.modified) return undefined
  // Another file of the same size and date may have replaced it, as `cp -p` does; or it was only copied or moved.
  const isSameFile =
    changed === undefined || fingerprint.changed === undefined || changed === fingerprint.changed
  return isSameFile ? true : undefined
}

function formatIndex({ manifest, sources }: SourceIndex): string {
  const lines = [...sources]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, source]) => `  ${JSON.stringify(id)}: ${JSON.stringify(source)}`)
  const written = manifest === undefined ? '' : ` "manifest": ${JSON.stringify(manifest)},`
  return `{ "version": ${VERSION},${written} "sources": {\n${lines.join(',\n')}\n} }\n`
}
