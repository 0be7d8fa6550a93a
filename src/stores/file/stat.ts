import { stat as statWithCallback, statSync, type Stats } from 'node:fs'
import { promisify } from 'node:util'
import { createLatencyMonitor } from './sync-when-fast.js'
import type { Source } from '../types.js'

/** Costs half of `stat` of node:fs/promises. */
const statInThread = promisify(statWithCallback)

const latency = createLatencyMonitor(0.25)

/** Synchronous calls between two measurements. */
const SYNC_BATCH = 16
/** Calls that are in the thread pool at the same time. */
const THREAD_BATCH = 64

/** Returns the stats of a file, links followed. */
export async function statFile(path: string): Promise<Stats> {
  return latency.isFast() ? latency.measure(() => statSync(path)) : statInThread(path)
}

/**
 * Stats many files; returns results in their order.
 *
 * @param toResult computes the result of a path; `stat` returns its stats or throws its error.
 */
export async function statFiles<Result>(
  paths: readonly string[],
  toResult: (path: string, stat: () => Stats) => Result,
): Promise<Result[]> {
  const results: Result[] = []
  while (results.length < paths.length) {
    const isFast = latency.isFast()
    const batch = paths.slice(results.length, results.length + (isFast ? SYNC_BATCH : THREAD_BATCH))
    const statBatchSync = () => batch.map((path) => toResult(path, () => statSync(path)))
    results.push(
      ...(isFast
        ? latency.measure(statBatchSync, batch.length)
        : await Promise.all(batch.map(createThreadStat(toResult)))),
    )
  }
  return results
}

function createThreadStat<Result>(toResult: (path: string, stat: () => Stats) => Result) {
  return (path: string): Promise<Result> =>
    statInThread(path).then(
      (stats) => toResult(path, () => stats),
      (error: unknown) =>
        toResult(path, () => {
          throw error
        }),
    )
}

/** Converts the stats of a file that exists to a source. */
export function toExistingSource(ref: string, stats: Stats): Source {
  return { ...toSource(ref, stats), changed: stats.ctimeMs }
}

/** Converts the stats of a file to a source, without the time of its last change: a rename will change that. */
export function toSource(ref: string, stats: Stats): Source {
  const hasTime = !Number.isNaN(stats.mtime.getTime())
  return { ref, size: stats.size, ...(hasTime && { modified: stats.mtime.toISOString() }) }
}
