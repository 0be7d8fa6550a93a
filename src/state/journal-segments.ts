import { randomBytes } from 'node:crypto'
import type { Store } from '../stores/types.js'

/** Lines per segment, at most. */
const MAX_LINES = 200

/** Milliseconds after which pending lines are written, however few they are. */
const FLUSH_AFTER = 2000

/** A segment's name: when its run began, a random part, and its number in the run. */
const NAME = /^(\d{17})-[0-9a-f]{8}-\d{4,}\.ndjson$/

/** Sink for journal lines. Write errors are ignored. */
export interface LineSink {
  /** Takes room for the first lines, where it may become short. */
  reserve(): Promise<void>
  /** Adds a line. Resolves once it is on disk, or at once if it is buffered for a segment. */
  add(line: string): Promise<void>
  /** Resolves when no write is in progress. Writes pending lines first, unless they are to be discarded. */
  close(pending: 'write' | 'discard'): Promise<void>
  /** The objects that were written. */
  readonly refs: readonly string[]
}

/** Returns the folder of a journal's segments. */
function segmentsFolder(state: string): string {
  return `${state}/journal/`
}

/** Lists the segments of earlier runs, sorted by run and then by the order of their results. */
export async function listSegments(store: Store, state: string): Promise<string[]> {
  const folder = segmentsFolder(state)
  const refs: string[] = []
  for await (const { ref } of store.list(folder)) {
    // The store may have taken a folder name such as `[a]` for a glob.
    if (ref.startsWith(folder) && NAME.test(ref.slice(folder.length))) refs.push(ref)
  }
  return refs.toSorted()
}

/**
 * Opens a sink for stores that cannot append: it writes lines to segments, each an object that is written once.
 *
 * @param earlier the segments of earlier runs, sorted. The new ones sort behind them, even if the clock was set back.
 */
export function openSegments(store: Store, state: string, earlier: readonly string[]): LineSink {
  const folder = segmentsFolder(state)
  const began = nextStamp(earlier.at(-1)?.slice(folder.length))
  const run = `${folder}${began}-${randomBytes(4).toString('hex')}`
  const refs: string[] = []
  const writing = new Set<Promise<void>>()
  let isRemovable: Promise<boolean> | undefined
  let lines: string[] = []
  let timer: NodeJS.Timeout | undefined
  const write = async (ref: string, data: Buffer) => {
    // Every later run would apply a segment again that could not be removed.
    if (!(await (isRemovable ??= canRemove(store, ref)))) return
    refs.push(ref)
    await store.write(ref, data, { contentType: 'application/x-ndjson' }).catch(() => {})
  }
  let count = 0
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (lines.length === 0) return
    const ref = `${run}-${String(++count).padStart(4, '0')}.ndjson`
    const written = write(ref, Buffer.from(lines.join('')))
    lines = []
    writing.add(written)
    void written.finally(() => writing.delete(written))
  }
  return {
    refs,
    async reserve() {},
    async add(line) {
      lines.push(line)
      if (lines.length === MAX_LINES) flush()
      else timer ??= setTimeout(flush, FLUSH_AFTER).unref()
    },
    async close(pending) {
      if (pending === 'discard') lines = []
      flush()
      await Promise.all(writing)
    },
  }
}

/** Returns the time as digits, or the least number above that of the segment `last`. */
function nextStamp(last = ''): string {
  const now = new Date().toISOString().replaceAll(/\D/g, '')
  const stamp = NAME.exec(last)?.[1]
  return stamp === undefined || stamp < now ? now : String(BigInt(stamp) + 1n)
}

/** Tests the permission to remove, on an object that does not exist yet. */
async function canRemove(store: Store, ref: string): Promise<boolean> {
  return store.remove(ref).then(
    () => true,
    () => false,
  )
}
