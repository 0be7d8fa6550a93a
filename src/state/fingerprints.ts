import { createByteSpool, type Bytes } from '../utils/spool/byte-spool.js'
import { createTextIndex } from '../utils/spool/text-index.js'
import { createSortedSpool } from '../utils/spool/sorted-spool.js'

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

/** Fingerprints by the source's id in the manifest, such as a Map. */
export interface SourceFingerprints extends Iterable<readonly [id: string, fingerprint: SourceFingerprint]> {
  readonly get: (id: string) => SourceFingerprint | undefined
  /** Set if they are iterated in the order of their ids. */
  readonly isSorted?: true
}

/** A new fingerprint of a source; undefined if it has none any more. */
export type FingerprintChange = readonly [id: string, fingerprint: SourceFingerprint | undefined]

/**
 * Collects fingerprints, which may be more than fit into memory, as lines such as `"id": {"size":1}`. They are added in the
 * order of their ids.
 */
function createFingerprintTable() {
  const bytes = createByteSpool()
  const starts: number[] = []
  let length = 0
  let waiting = ''
  const flush = () => {
    bytes.append(waiting)
    waiting = ''
  }
  return {
    add(id: string, fingerprint: SourceFingerprint) {
      const line = `${JSON.stringify(id)}: ${JSON.stringify(fingerprint)}`
      starts.push(length)
      length += Buffer.byteLength(line)
      waiting += line
      if (waiting.length > BLOCK) flush()
    },
    finish(): SourceFingerprints {
      flush()
      return openTable(bytes, starts, [...starts.slice(1), length])
    },
  }
}

/** Characters that are encoded together. */
const BLOCK = 64 * 1024

/** Opens lines as `createFingerprintTable` writes them, between these offsets. */
export function openTable(
  bytes: Bytes,
  starts: readonly number[],
  ends: readonly number[],
): SourceFingerprints {
  const read = (index: number) => {
    const line = bytes.read(starts[index] ?? 0, ends[index] ?? 0).toString()
    return JSON.parse(`{${line}}`) as Record<string, SourceFingerprint> // checked, or written above
  }
  const idAt = (index: number) => Object.keys(read(index))[0] ?? ''
  let indexOf: ReturnType<typeof createTextIndex> | undefined
  return {
    isSorted: true,
    get(id) {
      indexOf ??= createTextIndex(starts.length, idAt)
      const index = indexOf(id)
      return index === undefined ? undefined : read(index)[id]
    },
    *[Symbol.iterator]() {
      for (const index of starts.keys()) for (const entry of Object.entries(read(index))) yield entry
    },
  }
}

/** Returns fingerprints with changes, of which the later of two of one source counts. */
export function changeFingerprints(
  before: SourceFingerprints,
  changes: Iterable<FingerprintChange>,
): SourceFingerprints {
  const sorted = createSortedSpool<FingerprintChange>(
    {
      encode: ([id, fingerprint]) => JSON.stringify([id, fingerprint ?? null]),
      decode(text) {
        const [id, fingerprint] = JSON.parse(text) as readonly [string, SourceFingerprint | null] // by `encode`
        return [id, fingerprint ?? undefined]
      },
    },
    compareIds,
  )
  for (const change of changes) sorted.add(change)
  if (sorted.length === 0) return before
  const table = createFingerprintTable()
  for (const [id, fingerprint] of mergeById(sortById(before), sorted))
    if (fingerprint !== undefined) table.add(id, fingerprint)
  return table.finish()
}

/** Yields all entries in the order of their ids. The last change of an id counts. */
function* mergeById(
  before: Iterable<FingerprintChange>,
  changes: Iterable<FingerprintChange>,
): Generator<FingerprintChange> {
  const old = before[Symbol.iterator]()
  let next = old.next()
  let latest: FingerprintChange | undefined
  for (const change of changes) {
    if (latest !== undefined && latest[0] !== change[0]) yield latest
    latest = change
    for (; next.done !== true && compareIds(next.value, change) <= 0; next = old.next())
      if (next.value[0] !== change[0]) yield next.value
  }
  if (latest !== undefined) yield latest
  for (; next.done !== true; next = old.next()) yield next.value
}

/** Returns the entries in the order of their ids. */
export function sortById(
  fingerprints: SourceFingerprints,
): SourceFingerprints | readonly FingerprintChange[] {
  return fingerprints.isSorted === true ? fingerprints : [...fingerprints].toSorted(compareIds)
}

function compareIds([a]: FingerprintChange, [b]: FingerprintChange): number {
  return a < b ? -1 : a > b ? 1 : 0
}
