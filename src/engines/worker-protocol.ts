import type { ErrorRecord } from '../errors.js'
import type { Job, Result } from '../jobs/types.js'

/** A message from an engine to a worker process. */
export type EngineMessage =
  | { readonly setup: unknown; readonly concurrency: number }
  | { readonly id: number; readonly job: Job; readonly isExclusive: boolean }
  /** Answers a reserve request: the source that has the path, or undefined if it was free. */
  | { readonly requestId: number; readonly owner: string | undefined }
  | { readonly requestId: number; readonly error: ErrorRecord }
  /** Starts no more jobs. */
  | { readonly halt: true }
  /** Aborts jobs in work too. */
  | { readonly abort: true }

/** A message from a worker process to its engine. */
export type WorkerMessage = { readonly ready: true } | JobMessage

/**
 * A message about a job: its result, a request to reserve an output path, that a rendition is encoded, or that a halt came
 * before it started.
 */
export type JobMessage =
  | { readonly id: number; readonly result: Omit<Result, 'job'> }
  | { readonly id: number; readonly requestId: number; readonly path: string }
  | { readonly id: number; readonly rendition: true }
  | { readonly id: number; readonly notStarted: true }
