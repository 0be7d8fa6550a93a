import type { Priority } from '../records/types.js'
import { createPlaces } from './places.js'
import { createSettledListeners } from './settled-listeners.js'
import { createWaitingList } from './waiting-list.js'

/** Ids of images that wait for work, and the work in progress. */
export interface WorkQueue {
  /**
   * Keeps a place for an image that arrives. Call the returned function when it was added, or will not be.
   *
   * @throws ImgprocError OVERLOADED if as many images wait as may.
   */
  enter(): () => void
  /** Adds an image, also to a full queue. One that is in work is worked on once more. */
  add(id: string, priority: Priority): void
  /** Returns true if the image waits or is in work. */
  has(id: string): boolean
  /** Resolves when the image neither waits nor is in work. */
  settled(id: string): Promise<void>
  /** Drops an image that waits. Returns true if work on it is in progress, which goes on. */
  drop(id: string): boolean
  /** Images that wait. */
  waiting(): number
  /** Resolves when no image waits or is in work. */
  idle(): Promise<void>
  /** Starts no more work. Resolves when the work in progress has ended. */
  stop(): Promise<void>
}

export interface WorkQueueOptions {
  /** Images in work at once. */
  readonly concurrency: number
  /** Images that may wait, at most. */
  readonly size: number
  /** Works on an image. */
  readonly work: (id: string) => Promise<void>
  /** Called if the work rejects. It is tried again later. */
  readonly onError: (error: unknown, id: string) => void
  /** Seconds after which failed work is tried again. @default 30 */
  readonly retrySeconds?: number | undefined
}

/** Creates a queue in memory. Records say what was in it when the process was killed. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { concurrency, size, onError, retrySeconds = 30 } = options
  const waiting = createWaitingList()
  const listeners = createSettledListeners()
  /** Images in work, and the priority at which they are worked on once more. */
  const running = new Map<string, Priority | undefined>()
  const retries = createDelays(retrySeconds)
  let isStopped = false
  // Images may also arrive for those that are about to start.
  const isFull = (taken: number) => waiting.size() + taken >= size + concurrency - running.size
  const places = createPlaces(isFull, size)

  const isSettled = (id: string) => !running.has(id) && !waiting.has(id)
  const settled = async (id: string) => {
    if (!isSettled(id)) await listeners.wait(id)
  }
  const startWaiting = () => {
    for (let id = next(); id !== undefined; id = next()) void start(id)
  }
  const next = () => (isStopped || running.size >= concurrency ? undefined : waiting.take())
  const start = async (id: string) => {
    running.set(id, undefined)
    await options.work(id).catch((error: unknown) => {
      onError(error, id)
      if (!isStopped) retries.start(() => add(id, 'low'))
    })
    const again = running.get(id)
    running.delete(id)
    if (again !== undefined && !isStopped) waiting.add(id, again)
    if (isSettled(id)) listeners.tell(id)
    startWaiting()
  }
  const add = (id: string, priority: Priority) => {
    if (isStopped) return
    if (running.has(id)) running.set(id, priority)
    else waiting.add(id, priority)
    startWaiting()
  }
  return {
    enter: places.take,
    add,
    has: (id) => !isSettled(id),
    settled,
    waiting: waiting.size,
    idle: async () => listeners.waitForAll(() => [...running.keys()]),
    drop(id) {
      waiting.remove(id)
      if (running.has(id)) running.set(id, undefined)
      else listeners.tell(id)
      return running.has(id)
    },
    async stop() {
      isStopped = true
      retries.clear()
      for (const id of waiting.clear()) if (isSettled(id)) listeners.tell(id)
      await Promise.all([...running.keys()].map(settled))
    },
  }
}

/** Creates delays that do not keep the process alive. */
function createDelays(seconds: number) {
  const timers = new Set<NodeJS.Timeout>()
  return {
    start(end: () => void): void {
      const timer = setTimeout(() => {
        timers.delete(timer)
        end()
      }, seconds * 1000)
      timers.add(timer.unref())
    },
    clear(): void {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
