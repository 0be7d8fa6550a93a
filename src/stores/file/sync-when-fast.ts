import { readClock } from '../../utils/clock.js'

/** Decides whether file system calls of one kind are made synchronously. */
export interface LatencyMonitor {
  /** True if a call should be synchronous: then it takes a fraction of a round trip through the thread pool. */
  isFast(): boolean
  /** Makes calls synchronously and measures them. @param calls number of calls in `work` @default 1 */
  measure<T>(work: () => T, calls?: number): T
}

/** After this many decisions for a slow disk, one call is synchronous, to measure again. */
const PROBE_INTERVAL = 256

/**
 * Creates a monitor of the latency of a disk. A local disk that answers from its cache is called synchronously. A file
 * server is called in the thread pool, so that many calls wait in parallel.
 *
 * @param limit milliseconds; the disk is slow if most calls take longer.
 */
export function createLatencyMonitor(limit: number): LatencyMonitor {
  // An average, because single calls are also late if all cores are busy.
  let lateShare = 0
  let slowDecisions = 0
  return {
    isFast: () => lateShare <= 0.5 || ++slowDecisions % PROBE_INTERVAL === 0,
    measure(work, calls = 1) {
      const started = readClock()
      try {
        return work()
      } finally {
        const isLate = readClock() - started > limit * calls
        // If a group of calls is late, mostly one of them was: it counts more than one call, but less than all.
        const oldWeight = 0.9 ** Math.sqrt(calls)
        lateShare = lateShare * oldWeight + (isLate ? 1 - oldWeight : 0)
      }
    },
  }
}
