import pLimit from 'p-limit'
import { createWorkerSlots } from './worker-slots.js'
import { startWorker, type WorkerSlot } from './worker.js'

/** Worker threads that share a queue of requests. */
export interface JpegWorkerPool {
  /** Returns the number of workers, those included that are starting. */
  count(): number
  /** Returns the number of workers that have started. */
  ready(): number
  /** Returns true if a worker is idle. */
  hasIdle(): boolean
  /** Returns true if a slot is free, so that a request would not wait for one. */
  hasFree(): boolean
  /** Starts another worker; does nothing if none can start on this system. */
  add(): void
  /** Waits for a free slot and uses it; resolves to undefined if no worker has started yet. */
  use<T>(work: (slot: WorkerSlot) => Promise<T>): Promise<T | undefined>
  /** Returns the bytes of memory that the workers retain. */
  retainedBytes(): number
}

/** Creates a pool. Its idle workers end after `idleSeconds` without a request, which frees their memory. */
export function createWorkerPool(idleSeconds = 5): JpegWorkerPool {
  const slots = createWorkerSlots()
  const limit = pLimit(1)
  let started = 0
  let starting = 0
  let idleTimer: NodeJS.Timeout | undefined

  async function add(): Promise<void> {
    starting++
    // If one cannot start, for example without SIMD, no other can: it counts as starting forever.
    const added = await startWorker().catch(() => undefined)
    if (added === undefined) return
    starting--
    started++
    slots.add(added)
    limit.concurrency = slots.count()
    added[0]?.worker.once('exit', () => {
      started--
      slots.remove(added)
      limit.concurrency = Math.max(slots.count(), 1)
    })
    restartIdleTimer()
  }

  function restartIdleTimer(): void {
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => {
      const idle = slots.idle()
      slots.remove(idle)
      for (const { worker } of idle) void worker.terminate()
    }, idleSeconds * 1000).unref()
  }

  async function use<T>(work: (slot: WorkerSlot) => Promise<T>): Promise<T | undefined> {
    if (slots.count() === 0) return undefined
    return limit(async () => {
      const slot = slots.acquire()
      if (slot === undefined) return undefined
      clearTimeout(idleTimer)
      try {
        return await work(slot)
      } finally {
        slots.release(slot)
        restartIdleTimer()
      }
    })
  }

  return {
    count: () => started + starting,
    ready: () => started,
    hasIdle: () => slots.idle().length > 0,
    hasFree: () => slots.hasFree(),
    add: () => void add(),
    use,
    retainedBytes: () => slots.retainedBytes(),
  }
}
