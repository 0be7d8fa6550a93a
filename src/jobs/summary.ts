import type { ErrorRecord } from '../errors.js'
import type { Result } from './types.js'

/** What a run came to. */
export interface Summary {
  /** Sources, by what became of them. */
  readonly sources: {
    readonly total: number
    readonly ready: number
    readonly partial: number
    readonly failed: number
    readonly skipped: number
  }
  /** Outputs, by what was done. */
  readonly renditions: {
    readonly written: number
    readonly unchanged: number
    readonly skipped: number
    readonly failed: number
  }
  readonly bytes: { readonly in: number; readonly out: number }
  readonly seconds: number
  /** Files that turned up and are no images, by extension. */
  readonly ignored: Readonly<Record<string, number>>
  readonly failures: readonly Failure[]
  /** Outputs that were removed, where that was asked for. */
  readonly pruned?: number
  /** Why no further image was begun, and how many that left. */
  readonly stopped?: { readonly by: 'bail' | 'maxFailures' | 'unwritable'; readonly left: number }
  /** What didn't go as it should, and fails no image. */
  readonly warnings?: readonly string[]
  /** The manifest's file, unless there is none. */
  readonly manifest?: string
}

/** A source or one of its outputs that failed. */
export interface Failure {
  /** The source's path. */
  readonly path: string
  /** The preset, where not the whole source failed. */
  readonly preset?: string
  /** The analyzer that failed. */
  readonly analyzer?: string
  readonly error: ErrorRecord
}

/** Adds results up. */
export function createTally(): {
  readonly add: (result: Result) => void
  failures: readonly Failure[]
  total(): Pick<Summary, 'sources' | 'renditions' | 'bytes' | 'failures'>
} {
  const sources = { total: 0, ready: 0, partial: 0, failed: 0, skipped: 0 }
  const renditions = { written: 0, unchanged: 0, skipped: 0, failed: 0 }
  const bytes = { in: 0, out: 0 }
  const failures: Failure[] = []
  return {
    failures,
    add({ job, status, source, outputs, error, analysisErrors = [] }) {
      sources.total++
      sources[status]++
      // What is unchanged was not read.
      if (job.renditions.length > 0) bytes.in += source?.bytes ?? 0
      if (error !== undefined) failures.push({ path: job.path, error })
      for (const { name, error: why } of analysisErrors)
        failures.push({ path: job.path, analyzer: name, error: why })
      for (const output of outputs) {
        renditions[output.action]++
        if (output.action === 'written') bytes.out += output.bytes
        if (output.action === 'failed')
          failures.push({ path: job.path, preset: output.preset, error: output.error })
      }
      // What was planned and not come to is not made either.
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
