import { ImgprocError } from '../../errors.js'
import type { Priority } from '../records/types.js'

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
  /** Resolves when the image neither waits nor is in work. */
  settled(id: string): Promise<void>
  /** Drops an image that waits. Returns true if work on it is in progress, which goes on. */
  drop(id: string): boolean
  /** Images that wait. */
  waiting(): number
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

const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low']

/** Creates a queue in memory. Records say what was in it when the process was killed. */
export function createWorkQueue({
  concurrency,
  size,
  work,
  onError,
  retrySeconds = 30,
}: WorkQueueOptions): WorkQueue {
  const waiting: Readonly<Record<Priority, Set<string>>> = {
    high: new Set(),
    normal: new Set(),
    low: new Set(),
  }
  /** Images in work, and the priority at which they wait for more. */
  const running = new Map<string, Priority | undefined>()
  const listeners = new Map<string, (() => void)[]>()
  const retries = new Set<NodeJS.Timeout>()
  let entering = 0
  let isStopped = false

  const isWaiting = (id: string) => PRIORITIES.some((priority) => waiting[priority].has(id))
  const countWaiting = () => PRIORITIES.reduce((sum, priority) => sum + waiting[priority].size, 0)
  const tellIfSettled = (id: string) => {
    if (running.has(id) || isWaiting(id)) return
    const tell = listeners.get(id) ?? []
    listeners.delete(id)
    for (const listener of tell) listener()
  }
  const takeNext = (): string | undefined => {
    for (const priority of PRIORITIES) {
      const [id] = waiting[priority]
      if (id === undefined) continue
      waiting[priority].delete(id)
      return id
    }
    return undefined
  }
  const tryLater = (id: string) => {
    if (isStopped) return
    const timer = setTimeout(() => {
      retries.delete(timer)
      add(id, 'low')
    }, retrySeconds * 1000)
    retries.add(timer.unref())
  }
  const start = async (id: string) => {
    running.set(id, undefined)
    try {
      await work(id)
    } catch (error) {
      onError(error, id)
      tryLater(id)
    }
    const again = running.get(id)
    running.delete(id)
    if (again !== undefined && !isStopped) waiting[again].add(id)
    tellIfSettled(id)
    startWaiting()
  }
  const startWaiting = () => {
    while (!isStopped && running.size < concurrency) {
      const id = takeNext()
      if (id === undefined) return
      void start(id)
    }
  }
  const add = (id: string, priority: Priority) => {
    if (isStopped) return
    if (running.has(id)) running.set(id, priority)
    else if (!isWaiting(id)) waiting[priority].add(id)
    startWaiting()
  }
  const settled = async (id: string) => {
    if (!running.has(id) && !isWaiting(id)) return
    await new Promise<void>((resolve) => listeners.set(id, [...(listeners.get(id) ?? []), resolve]))
  }
  const drop = (id: string) => {
    for (const priority of PRIORITIES) waiting[priority].delete(id)
    const isRunning = running.has(id)
    if (isRunning) running.set(id, undefined)
    tellIfSettled(id)
    return isRunning
  }
  return {
    enter() {
      const free = size + concurrency - running.size - countWaiting() - entering
      if (free > 0) {
        entering++
        let isInside = true
        return () => {
          if (isInside) entering--
          isInside = false
        }
      }
      const message = `${size} images are waiting already. Send this one again in a moment.`
      throw new ImgprocError('OVERLOADED', message, { stage: 'usage' })
    },
    add,
    settled,
    drop,
    waiting: countWaiting,
    async stop() {
      isStopped = true
      for (const timer of retries) clearTimeout(timer)
      for (const priority of PRIORITIES) for (const id of [...waiting[priority]]) drop(id)
      await Promise.all([...running.keys()].map(settled))
    },
  }
}
