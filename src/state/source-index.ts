import { isRemote } from '../paths/location.js'
import type { Store, Source } from '../stores/types.js'
import { hasContent, readParts } from '../stores/read-parts.js'
import { writeParts } from '../stores/write-parts.js'
import { asRecord, parseJson } from '../utils/parse-json.js'
import type { Bytes } from '../utils/spool/byte-spool.js'
import { findLineFeeds, inPages } from '../utils/spool/bytes.js'
import { openTable, sortById, type SourceFingerprint, type SourceFingerprints } from './fingerprints.js'

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
  const found = await store.stat(indexFile(state))
  if (found === undefined) return { sources: new Map() }
  const bytes = await readParts(store, found)
  return (bytes.length() > LARGE ? openLarge(bytes) : undefined) ?? parseIndex(bytes)
}

function parseIndex(bytes: Bytes): SourceIndex {
  const { version, manifest, sources } = asRecord(parseJson(bytes.read(0, bytes.length()).toString()))
  const entries = Object.entries(asRecord(sources))
  if (version !== VERSION || !entries.every(isEntry)) return { sources: new Map() }
  return { sources: new Map(entries), ...(typeof manifest === 'string' && { manifest }) }
}

/** Bytes from which on the file is not parsed as a whole. */
const LARGE = 4 * 1024 * 1024

/** Opens a file by its lines. Returns undefined if they are not as `formatIndex` writes them. */
function openLarge(bytes: Bytes): SourceIndex | undefined {
  const small = inPages(bytes)
  const [starts, ends]: [number[], number[]] = [[], []]
  let head: Readonly<Record<string, unknown>> | undefined
  let at = 0
  let isWhole = false
  for (const end of findLineFeeds(bytes, 0)) {
    const line = small.read(at, end).toString()
    if (head === undefined) head = asRecord(parseJson(`${line}${END}`))
    else if (line === END) isWhole = end + 1 === bytes.length()
    else {
      const text = line.replace(/,$/, '')
      const [entry, ...others] = Object.entries(asRecord(parseJson(`{${text}}`)))
      if (entry === undefined || others.length > 0 || !isEntry(entry)) return undefined
      starts.push(at)
      ends.push(at + Buffer.byteLength(text))
    }
    at = end + 1
  }
  if (!isWhole || head?.version !== VERSION) return undefined
  const { manifest } = head
  return { sources: openTable(bytes, starts, ends), ...(typeof manifest === 'string' && { manifest }) }
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
  const ref = indexFile(state)
  if (await hasContent(store, ref, () => formatIndex(index))) return
  await writeParts(store, ref, formatIndex(index), { contentType: 'application/json' })
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

/** Characters that are encoded together. */
const BLOCK = 256 * 1024
const END = '} }'

function* formatIndex({ manifest, sources }: SourceIndex): Generator<Buffer> {
  const written = manifest === undefined ? '' : ` "manifest": ${JSON.stringify(manifest)},`
  let text = `{ "version": ${VERSION},${written} "sources": {\n`
  let separator = ''
  for (const [id, source] of sortById(sources)) {
    text += `${separator}  ${JSON.stringify(id)}: ${JSON.stringify(source)}`
    separator = ',\n'
    if (text.length < BLOCK) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(`${text}\n${END}\n`)
}
