import type { Failure } from '../errors.js'
import type { Result } from './types.js'

/** The summary of a run. */
export interface Summary {
  /** Number of sources by status. */
  readonly sources: {
    readonly total: number
    readonly ready: number
    readonly partial: number
    readonly failed: number
    readonly skipped: number
  }
  /** Number of renditions by action. */
  readonly renditions: {
    readonly written: number
    readonly unchanged: number
    readonly skipped: number
    readonly failed: number
  }
  /** Bytes of the sources that were read, and of the outputs that were written. */
  readonly bytes: { readonly in: number; readonly out: number }
  readonly seconds: number
  /** Number of files that were found and are not images, by extension. */
  readonly ignored: Readonly<Record<string, number>>
  /** Number of files whose first bytes were read to tell whether they are images, since their names do not. */
  readonly sniffed?: number
  readonly failures: readonly Failure[]
  /** Number of outputs that were removed, with `prune`. */
  readonly pruned?: number
  /** Set if the run stopped early: the reason, and the number of images that were not started. */
  readonly stopped?: { readonly by: 'bail' | 'maxFailures' | 'unwritable'; readonly left: number }
  /** Problems that fail no image. */
  readonly warnings?: readonly string[]
  /** Path of the manifest, if one is written. */
  readonly manifest?: string
}

/** Creates a counter of results. */
export function createTally(): {
  readonly add: (result: Result) => void
  failures: readonly Failure[]
  total(): Pick<Summary, 'sources' | 'renditions' | 'bytes' | 'failures'>
  /** Returns the different warnings of outputs, each with the number of outputs and one source. */
  warnings(): readonly string[]
} {
  const sources = { total: 0, ready: 0, partial: 0, failed: 0, skipped: 0 }
  const renditions = { written: 0, unchanged: 0, skipped: 0, failed: 0 }
  const bytes = { in: 0, out: 0 }
  const failures: Failure[] = []
  const warnings = new Map<string, { readonly path: string; count: number }>()
  const warn = (text: string, path: string) => {
    const known = warnings.get(text) ?? { path, count: 0 }
    known.count++
    warnings.set(text, known)
  }
  return {
    failures,
    warnings: () =>
      [...warnings].map(([text, { path, count }]) =>
        count === 1 ? `${path}: ${text}` : `${path} and others (${count} outputs): ${text}`,
      ),
    add({ job, status, source, outputs, error, analysisErrors = [] }) {
      sources.total++
      sources[status]++
      // Sources without renditions to make were not read.
      if (job.renditions.length > 0) bytes.in += source?.bytes ?? 0
      if (error !== undefined) failures.push({ path: job.path, error })
      for (const { name, error: why } of analysisErrors)
        failures.push({ path: job.path, analyzer: name, error: why })
      for (const output of outputs) {
        renditions[output.action]++
        if (output.action === 'written') {
          bytes.out += output.bytes
          for (const text of output.warnings ?? []) warn(text, job.path)
        }
        if (output.action === 'failed')
          failures.push({ path: job.path, preset: output.preset, error: output.error })
      }
      // Counts planned renditions that were not reached as failed.
      if (error !== undefined)
        renditions.failed += job.renditions.length + (job.settled?.length ?? 0) - outputs.length
    },
    total: () => ({
      sources,
      renditions,
      bytes,
      failures: failures.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    }),
  }
}
