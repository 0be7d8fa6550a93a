import pLimit from 'p-limit'
import { ImgprocError } from '../errors.js'
import { formatLine, parseLines } from './journal-records.js'
import { listSegments, openSegments, type Lines } from './journal-segments.js'
import { isRemote } from '../paths/location.js'
import type { Result } from '../jobs/types.js'
import type { Log, Store } from '../stores/types.js'

/*
 * What a run has made stands in its manifest when it is through. Until then each result is a line of the journal: a
 * run that is killed leaves them, and the next one takes them for its own. On a disk the journal is a file that
 * grows; elsewhere it is objects of some lines each.
 */
function journalFile(state: string): string {
  return `${state}/journal.ndjson`
}

/** Segments that are read or removed at once. */
const AT_ONCE = 32

/** What a run that was killed has left. */
export interface RecoveredResults {
  readonly results: readonly Result[]
  /** Where they stand; undefined where that can't be told, and so nothing may be added. */
  readonly refs: readonly string[] | undefined
}

/** Where the results of a run are written down. */
export interface Journal {
  /**
   * Never rejects: a run goes on without its journal, and what is wrong with the disk its images will tell. On a disk
   * it resolves when a kill takes the line no more. Elsewhere it does so at once, since nobody wants to wait seconds
   * for each: what was told in the last two before a kill is made again.
   */
  add(result: Result): Promise<void>
  /** Leaves it to the next run. */
  close(): Promise<void>
  /** Drops it: all that it tells is in the manifest. */
  end(): Promise<void>
}

/**
 * The results of a run that was killed; none where the last one ended. A line that was torn off is passed over. Never
 * rejects.
 *
 * @param out the folder that outputs are below.
 */
export async function readJournal(store: Store, state: string, out: string): Promise<RecoveredResults> {
  try {
    const refs = isRemote(state) ? await listSegments(store, state) : [journalFile(state)]
    const limit = pLimit(AT_ONCE)
    const parts = await Promise.all(refs.map((ref) => limit(readPart, store, ref)))
    const results = parts.flatMap((part) => (part === undefined ? [] : [...parseLines(part, out)]))
    return { results, refs: refs.filter((_, at) => parts[at] !== undefined) }
  } catch {
    // A place that doesn't let us look may still take images.
    return { results: [], refs: undefined }
  }
}

/** Undefined where nothing is, or no longer. */
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
 * The journal of a run; nothing is written before the first result.
 *
 * @param left where the results of earlier runs stand, which this one folds into the manifest too.
 */
export function openJournal(store: Store, state: string, left: readonly string[] = []): Journal {
  const lines = isRemote(state) ? openSegments(store, state) : openFile(store, state)
  return {
    add: async (result) => lines.add(formatLine(result)),
    close: () => lines.close(true),
    async end() {
      await lines.close(false)
      const limit = pLimit(AT_ONCE)
      // What stays is only told once more.
      const remove = (ref: string) => store.remove(ref).catch(() => {})
      await Promise.all([...new Set([...left, ...lines.refs])].map((ref) => limit(remove, ref)))
    },
  }
}

/** Lines of a file that grows. */
function openFile(store: Store, state: string): Lines {
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
