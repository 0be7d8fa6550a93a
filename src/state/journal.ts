import pLimit from 'p-limit'
import { formatLine, parseLines } from './journal-records.js'
import { listSegments, openSegments, type LineSink } from './journal-segments.js'
import { isRemote } from '../paths/location.js'
import type { Result } from '../jobs/types.js'
import { readParts } from '../stores/read-parts.js'
import type { Log, Store } from '../stores/types.js'
import { chunksOf } from '../utils/chunks-of.js'
import { createByteSpool, type Bytes } from '../utils/spool/byte-spool.js'
import { inParts } from '../utils/spool/bytes.js'
import { readLines } from '../utils/spool/lines.js'

/*
 * A run writes its manifest when it ends. Until then each result is a line of the journal, so that the next run can
 * recover the results of a run that was killed. On disk the journal is one file that grows; in other stores it is a
 * series of segments.
 */
function journalFile(state: string): string {
  return `${state}/journal.ndjson`
}

/** Segments that are read or removed at once. */
const CONCURRENCY = 32

/** Results that are parsed each time they are read, since they may be more than fit into memory. */
export interface ResultList extends Iterable<Result> {
  readonly length: number
}

/** Results that a killed run left in its journal. */
export interface RecoveredResults {
  readonly results: ResultList
  /** The journal's files. Undefined if they could not be read: then nothing may be added. */
  readonly refs: readonly string[] | undefined
}

/** Records the results of a run. */
export interface Journal {
  /** Takes room for the first results, which a disk that outputs fill would not have later. Never rejects. */
  reserve(): Promise<void>
  /**
   * Adds a result. Never rejects: a run continues without its journal, and a full disk will fail its outputs anyway.
   * On disk it resolves once the line survives a kill. In other stores it resolves at once, since a request takes too
   * long to wait for; a kill loses the results of up to two seconds, and they are made again.
   */
  add(result: Result): Promise<void>
  /** Writes pending results and keeps the journal for the next run. */
  close(): Promise<void>
  /** Removes the journal, once the manifest has all its results. */
  end(): Promise<void>
}

/**
 * Reads the results of a run that was killed; returns none if the last run ended. Skips truncated lines. Never rejects.
 *
 * @param out the output folder of the run.
 */
export async function readJournal(store: Store, state: string, out: string): Promise<RecoveredResults> {
  try {
    const lines = createByteSpool()
    const refs: string[] = []
    for (const chunk of chunksOf(
      isRemote(state) ? await listSegments(store, state) : [journalFile(state)],
      CONCURRENCY,
    )) {
      const parts = await Promise.all(chunk.map((ref) => readPart(store, ref)))
      for (const [at, part] of parts.entries()) {
        const ref = chunk[at]
        if (part === undefined || ref === undefined || isBlank(part)) continue
        refs.push(ref)
        for (const bytes of inParts(part, 0, part.length())) lines.append(bytes)
        // The last line may be truncated.
        lines.append('\n')
      }
    }
    return { results: listResults(lines, out), refs }
  } catch {
    // A store without permission to list or read may still accept outputs.
    return { results: [], refs: undefined }
  }
}

/** Returns true for a file that has room for results, but none yet: its run has just begun, or was killed before the first. */
function isBlank(bytes: Bytes): boolean {
  for (const line of readLines(bytes, 0, bytes.length())) if (line !== '') return false
  return true
}

function listResults(lines: Bytes, out: string): ResultList {
  let length = 0
  for (const _ of parseLines(lines, out)) length++
  return { length, [Symbol.iterator]: () => parseLines(lines, out) }
}

/** Returns true if a folder on the disk has the journal of a run that is in progress or was killed. */
export async function hasJournal(store: Store, state: string): Promise<boolean> {
  return (await store.stat(journalFile(state))) !== undefined
}

/** Reads a file of the journal. Returns undefined if it does not exist. */
async function readPart(store: Store, ref: string): Promise<Bytes | undefined> {
  const found = await store.stat(ref)
  return found === undefined ? undefined : readParts(store, found)
}

/**
 * Opens the journal of a run. Writes nothing before `reserve` or the first result.
 *
 * @param recovered files of earlier runs' journals whose results this run adds to the manifest; `end` removes them too.
 */
export function openJournal(store: Store, state: string, recovered: readonly string[] = []): Journal {
  const sink = isRemote(state) ? openSegments(store, state, recovered) : openFile(store, state)
  return {
    reserve: () => sink.reserve(),
    add: async (result) => sink.add(formatLine(result)),
    close: () => sink.close('write'),
    async end() {
      await sink.close('discard')
      const limit = pLimit(CONCURRENCY)
      // The next run applies a file again that could not be removed, which changes nothing.
      const remove = (ref: string) => store.remove(ref).catch(() => {})
      await Promise.all([...new Set([...recovered, ...sink.refs])].map((ref) => limit(remove, ref)))
    },
  }
}

/** Opens a sink that appends lines to a file. */
function openFile(store: Store, state: string): LineSink {
  const ref = journalFile(state)
  const refs: string[] = []
  let log: Promise<Log | undefined> | undefined
  const open = async () => {
    const opened = await store.openLog?.(ref).catch(() => undefined)
    if (opened !== undefined) refs.push(ref)
    return opened
  }
  return {
    refs,
    async reserve() {
      await (log ??= open())
    },
    async add(line) {
      const opened = await (log ??= open())
      await opened?.append(Buffer.from(line)).catch(() => {})
    },
    async close() {
      const opened = await log
      log = Promise.resolve(undefined)
      await opened?.close().catch(() => {})
    },
  }
}
