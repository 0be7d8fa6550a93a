import type { Compute } from '../image/types.js'

export interface ComputeLimiterOptions {
  /** Work that runs at once, at most. */
  readonly slots: number
  /** Memory of all running work together, in bytes. Work that needs more runs alone. @default Infinity */
  readonly bytes?: number | undefined
  /** Returns the bytes of this memory that caches hold at the moment. @default () => 0 */
  readonly retainedBytes?: () => number
}

/** After this many smaller jobs have overtaken it, the first waiting job goes next, so that it does not starve. */
const MAX_OVERTAKEN = 16

interface Waiting {
  readonly bytes: number
  readonly start: () => void
  overtaken: number
}

/**
 * Creates a limiter that runs as much work as there are slots and memory for. The largest waiting work that fits goes
 * first, so that no core is left with a large image at the end. Work that is larger than the memory runs alone.
 *
 * @example
 * ```ts
 * const compute = createComputeLimiter({ slots: 2, bytes: 500e6 })
 * await compute(() => decode(picture), 12e6 * 4)
 * ```
 */
export function createComputeLimiter({
  slots,
  bytes: maxBytes = Infinity,
  retainedBytes = () => 0,
}: ComputeLimiterOptions): Compute {
  const waiting: Waiting[] = []
  let running = 0
  let usedBytes = 0
  const findNext = () => {
    const [first] = waiting
    const freeBytes = maxBytes - usedBytes - retainedBytes()
    const mayOvertake = first === undefined || first.overtaken < MAX_OVERTAKEN
    const fitting = mayOvertake ? waiting.filter(({ bytes }) => bytes <= freeBytes) : [first]
    const largest = fitting.reduce<Waiting | undefined>(larger, undefined)
    // Work that never fits runs when nothing else does.
    if (running === 0) return largest ?? first
    return largest !== undefined && largest.bytes <= freeBytes ? largest : undefined
  }
  const startWaiting = () => {
    while (running < slots) {
      const next = findNext()
      if (next === undefined) return
      const at = waiting.indexOf(next)
      for (const other of waiting.slice(0, at)) other.overtaken++
      waiting.splice(at, 1)
      running++
      usedBytes += next.bytes
      next.start()
    }
  }
  const reserve = (bytes: number) => {
    usedBytes += bytes
    return () => {
      usedBytes -= bytes
      startWaiting()
    }
  }
  async function compute<T>(work: () => Promise<T>, bytes: number): Promise<T> {
    await new Promise<void>((start) => {
      waiting.push({ bytes, start, overtaken: 0 })
      startWaiting()
    })
    try {
      return await work()
    } finally {
      running--
      usedBytes -= bytes
      startWaiting()
    }
  }
  return Object.assign(compute, { reserve })
}

function larger(best: Waiting | undefined, other: Waiting): Waiting {
  return best === undefined || other.bytes > best.bytes ? other : best
}
