import pLimit from 'p-limit'
import { startThread, type EighthThread } from './eighth-thread.js'

/** Threads that share what there is to decode. */
export interface EighthThreads {
  /** How many there are, those among them that are about to start. */
  count(): number
  /** Whether one has nothing to do. */
  hasFree(): boolean
  /** Starts another, unless none can be started here. */
  add(): void
  /** Waits for one that is free; does nothing where none has started yet. */
  use<T>(work: (thread: EighthThread) => Promise<T>): Promise<T | undefined>
  /** Bytes that they keep. */
  kept(): number
}

/** Threads that end when all have been idle for so many seconds, since what they keep is of no use then. */
export function createThreads(idleSeconds = 5): EighthThreads {
  const started = new Set<EighthThread>()
  const free: EighthThread[] = []
  const limit = pLimit(1)
  let starting = 0
  let idle: NodeJS.Timeout | undefined

  async function add(): Promise<void> {
    starting++
    // Where one can't start, as without SIMD, no other could: it counts as starting for good.
    const thread = await startThread().catch(() => undefined)
    if (thread === undefined) return
    starting--
    started.add(thread)
    putBack(thread)
    thread.worker.once('exit', () => {
      started.delete(thread)
      limit.concurrency = Math.max(started.size, 1)
    })
    limit.concurrency = started.size
  }

  function putBack(thread: EighthThread): void {
    if (started.has(thread)) free.push(thread)
    clearTimeout(idle)
    idle = setTimeout(end, idleSeconds * 1000).unref()
  }

  function end(): void {
    for (const { worker } of free.splice(0)) void worker.terminate()
  }

  async function use<T>(work: (thread: EighthThread) => Promise<T>): Promise<T | undefined> {
    if (started.size === 0) return undefined
    return limit(async () => {
      const thread = free.pop()
      if (thread === undefined) return undefined
      clearTimeout(idle)
      try {
        return await work(thread)
      } finally {
        putBack(thread)
      }
    })
  }

  return {
    count: () => started.size + starting,
    hasFree: () => free.length > 0,
    add: () => void add(),
    use,
    kept: () => [...started].reduce((sum, { used }) => sum + used, 0),
  }
}
