import type { OpenQueue } from './open-queue.js'

/** Jobs that are removed in one round trip. */
const CHUNK = 500
/** Milliseconds that a job waits for others to be removed with. */
const PATIENCE = 200

/** Removes jobs from the queue. A job in work stays. */
export async function removeJobs({ queue }: OpenQueue, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += CHUNK)
    await Promise.all(ids.slice(from, from + CHUNK).map((id) => queue.remove(id)))
}

/** Removes jobs whose results were read, some at a time. */
export interface Remover {
  readonly add: (id: string) => void
  /** Removes those that are left. */
  readonly flush: () => Promise<void>
}

export function createRemover(open: OpenQueue): Remover {
  let ids: string[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = async () => {
    clearTimeout(timer)
    timer = undefined
    const chunk = ids
    ids = []
    // The rest is removed by its age.
    await removeJobs(open, chunk).catch(() => {})
  }
  return {
    add(id) {
      ids.push(id)
      if (ids.length >= CHUNK) void flush()
      else timer ??= setTimeout(() => void flush(), PATIENCE)
    },
    flush,
  }
}
