import type { ErrorRecord } from '../errors.js'
import type { Job, Result } from '../jobs/types.js'

/** What an engine tells a worker process. */
export type EngineMessage =
  | { readonly setup: unknown; readonly atOnce: number }
  | { readonly id: number; readonly job: Job; readonly isExclusive: boolean }
  | { readonly question: number; readonly owner: string | undefined }
  | { readonly question: number; readonly refused: ErrorRecord }
  /** To begin nothing more. */
  | { readonly halt: true }
  /** To let go also of what has begun. */
  | { readonly stop: true }

/** What a worker process tells its engine. */
export type WorkerMessage = { readonly ready: true } | JobMessage

/** What it tells of a job: its result, a path that it would write to, or that it wasn't begun before a halt. */
export type JobMessage =
  | { readonly id: number; readonly result: Omit<Result, 'job'> }
  | { readonly id: number; readonly question: number; readonly path: string }
  | { readonly id: number; readonly isUnbegun: true }
