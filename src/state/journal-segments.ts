import { randomBytes } from 'node:crypto'
import type { Store } from '../stores/types.js'

/** Lines that an object holds, at most. */
const LINES = 200

/** Milliseconds after which a line is written, however few there are. */
const WRITE_AFTER = 2000

const NAME = /^\d{17}-[0-9a-f]{8}-\d{4,}\.ndjson$/

/** Where lines are added; what goes wrong there stops nobody. */
export interface Lines {
  /** When it is as safe as it gets without waiting for others. */
  add(line: string): Promise<void>
  /** When nothing is under way any more; what isn't written yet is, unless nobody wants it. */
  close(isWanted: boolean): Promise<void>
  /** What was written. */
  readonly refs: readonly string[]
}

/** The folder of a journal's segments. */
function segmentsFolder(state: string): string {
  return `${state}/journal/`
}

/** The segments that earlier runs have left, in the order of the runs and of their results. */
export async function listSegments(store: Store, state: string): Promise<string[]> {
  const folder = segmentsFolder(state)
  const refs: string[] = []
  for await (const { ref } of store.list(folder)) {
    // A key such as `[a]` may have been taken for a glob.
    if (ref.startsWith(folder) && NAME.test(ref.slice(folder.length))) refs.push(ref)
  }
  return refs.toSorted()
}

/** Lines of a run's own in objects that are written once each, where no file can grow. */
export function openSegments(store: Store, state: string): Lines {
  const began = new Date().toISOString().replaceAll(/\D/g, '')
  const run = `${segmentsFolder(state)}${began}-${randomBytes(4).toString('hex')}`
  const refs: string[] = []
  const writing = new Set<Promise<void>>()
  let isRemovable: Promise<boolean> | undefined
  let lines: string[] = []
  let timer: NodeJS.Timeout | undefined
  const write = async (ref: string, data: Buffer) => {
    // What could not be taken away would be taken for news again and again.
    if (!(await (isRemovable ??= mayRemove(store, ref)))) return
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
    async add(line) {
      lines.push(line)
      if (lines.length === LINES) flush()
      else timer ??= setTimeout(flush, WRITE_AFTER).unref()
    },
    async close(isWanted) {
      if (!isWanted) lines = []
      flush()
      await Promise.all(writing)
    },
  }
}

/** Asked of what isn't there, before it is: nothing happens, where that is allowed. */
async function mayRemove(store: Store, ref: string): Promise<boolean> {
  return store.remove(ref).then(
    () => true,
    () => false,
  )
}
