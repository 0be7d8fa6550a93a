import pLimit from 'p-limit'
import { ImgprocError } from '../errors.js'
import { formatLine, parseLines } from './journal-records.js'
import { listSegments, openSegments, type LineSink } from './journal-segments.js'
import { isRemote } from '../paths/location.js'
import type { Result } from '../jobs/types.js'
import type { Log, Store } from '../stores/types.js'

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

/** Results that a killed run left in its journal. */
export interface RecoveredResults {
  readonly results: readonly Result[]
  /** The journal's files. Undefined if they could not be read: then nothing may be added. */
  readonly refs: readonly string[] | undefined
}

/** Records the results of a run. */
export interface Journal {
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
    const refs = isRemote(state) ? await listSegments(store, state) : [journalFile(state)]
    const limit = pLimit(CONCURRENCY)
    const parts = await Promise.all(refs.map((ref) => limit(readPart, store, ref)))
    const results = parts.flatMap((part) => (part === undefined ? [] : [...parseLines(part, out)]))
    return { results, refs: refs.filter((_, at) => parts[at] !== undefined) }
  } catch {
    // A store without permission to list or read may still accept outputs.
    return { results: [], refs: undefined }
  }
}

/** Returns true if a folder on the disk has the journal of a run that is in progress or was killed. */
export async function hasJournal(store: Store, state: string): Promise<boolean> {
  return (await store.stat(journalFile(state))) !== undefined
}

/** Reads a file of the journal. Returns undefined if it does not exist. */
async function readPart(store: Store, ref: string): Promise<Buffer | undefined> {
  try {
    const { buffer, byteOffset, byteLength } = await store.read(ref)
    return Buffer.from(buffer, byteOffset, byteLength)
  } catch (error) {
    if (error instanceof ImgprocError && error.code === 'INPUT_NOT_FOUND') return undefined
    throw error
  }
}

/**
 * Opens the journal of a run. Writes nothing before the first result.
 *
 * @param recovered files of earlier runs' journals whose results this run adds to the manifest; `end` removes them too.
 */
export function openJournal(store: Store, state: string, recovered: readonly string[] = []): Journal {
  const sink = isRemote(state) ? openSegments(store, state, recovered) : openFile(store, state)
  return {
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
