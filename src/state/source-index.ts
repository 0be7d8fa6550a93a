import type { Store, Source } from '../stores/types.js'
import { asRecord, parseJson } from '../utils/parse-json.js'

/** What a source was like when its outputs were made: by this alone an unchanged one isn't opened again. */
export interface SourceFingerprint {
  /** Bytes. */
  readonly size: number
  readonly modified?: string | undefined
  readonly etag?: string | undefined
  /** Under which limits and versions it failed for good, if it did. */
  readonly failed?: string | undefined
}

/** Sources by their ids in the manifest. */
export type SourceFingerprints = ReadonlyMap<string, SourceFingerprint>

/** What the last run has left for the next. */
export interface SourceIndex {
  readonly sources: SourceFingerprints
  /** The hash of the manifest's file that it wrote: one that is still the same needs no check. */
  readonly manifest?: string | undefined
}

const VERSION = 1

/** In an output folder's state, which may be deleted: then content hashes decide. */
function seenFile(state: string): string {
  return `${state}/seen.json`
}

/** What is known of the sources of an output folder; nothing where the file isn't there, or can't be read. */
export async function readSourceIndex(store: Store, state: string): Promise<SourceIndex> {
  const ref = seenFile(state)
  if ((await store.stat(ref)) === undefined) return { sources: new Map() }
  const { version, manifest, sources } = asRecord(parseJson(Buffer.from(await store.read(ref)).toString()))
  const entries = Object.entries(asRecord(sources))
  if (version !== VERSION || !entries.every(isEntry)) return { sources: new Map() }
  return { sources: new Map(entries), ...(typeof manifest === 'string' && { manifest }) }
}

/** Written out, since a run asks this of every source. */
function isEntry(entry: [string, unknown]): entry is [string, SourceFingerprint] {
  const { size, modified, etag, failed } = asRecord(entry[1])
  return typeof size === 'number' && isTextOrNone(modified) && isTextOrNone(etag) && isTextOrNone(failed)
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

/** Writes what is known, one source a line, unless the file says so already. */
export async function writeSourceIndex(store: Store, state: string, seen: SourceIndex): Promise<void> {
  const [ref, text] = [seenFile(state), format(seen)]
  const before = await store.read(ref).catch(() => undefined)
  if (before !== undefined && Buffer.from(before).toString() === text) return
  await store.write(ref, Buffer.from(text), { contentType: 'application/json' })
}

/** Whether a source is as it was, as far as its store can tell; undefined where only its content can. */
export function matchesFingerprint(
  { size, modified, etag }: Source,
  seen: SourceFingerprint,
): boolean | undefined {
  if (size > 0 && size !== seen.size) return false
  if (etag !== undefined && seen.etag !== undefined) return etag === seen.etag
  return modified !== undefined && modified === seen.modified ? true : undefined
}

function format({ manifest, sources }: SourceIndex): string {
  const lines = [...sources]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, source]) => `  ${JSON.stringify(id)}: ${JSON.stringify(source)}`)
  const written = manifest === undefined ? '' : ` "manifest": ${JSON.stringify(manifest)},`
  return `{ "version": ${VERSION},${written} "sources": {\n${lines.join(',\n')}\n} }\n`
}
