import pLimit from 'p-limit'
import { createWorkerSlots } from './worker-slots.js'
import { startWorker, type WorkerSlot } from './worker.js'

/** Threads that share what there is to do. */
export interface JpegWorkerPool {
  /** How many there are, those among them that are about to start. */
  count(): number
  /** Whether one has nothing to do. */
  hasIdle(): boolean
  /** Starts another, unless none can be started here. */
  add(): void
  /** Waits for a desk that is free; does nothing where no thread has started yet. */
  use<T>(work: (desk: WorkerSlot) => Promise<T>): Promise<T | undefined>
  /** Bytes that they keep. */
  kept(): number
}

/** Threads that end when all have been idle for so many seconds, since what they keep is of no use then. */
export function createWorkerPool(idleSeconds = 5): JpegWorkerPool {
  const desks = createWorkerSlots()
  const limit = pLimit(1)
  let threads = 0
  let starting = 0
  let idle: NodeJS.Timeout | undefined

  async function add(): Promise<void> {
    starting++
    // Where one can't start, as without SIMD, no other could: it counts as starting for good.
    const started = await startWorker().catch(() => undefined)
    if (started === undefined) return
    starting--
    threads++
    desks.add(started)
    limit.concurrency = desks.count()
    started[0]?.worker.once('exit', () => {
      threads--
      desks.remove(started)
      limit.concurrency = Math.max(desks.count(), 1)
    })
    endLater()
  }

  function endLater(): void {
    clearTimeout(idle)
    idle = setTimeout(() => {
      const ended = desks.idle()
      desks.remove(ended)
      for (const { worker } of ended) void worker.terminate()
    }, idleSeconds * 1000).unref()
  }

  async function use<T>(work: (desk: WorkerSlot) => Promise<T>): Promise<T | undefined> {
    if (desks.count() === 0) return undefined
    return limit(async () => {
      const desk = desks.take()
      if (desk === undefined) return undefined
      clearTimeout(idle)
      try {
        return await work(desk)
      } finally {
        desks.putBack(desk)
        endLater()
      }
    })
  }

  return {
    count: () => threads + starting,
    hasIdle: () => desks.idle().length > 0,
    add: () => void add(),
    use,
    kept: () => desks.kept(),
  }
}
