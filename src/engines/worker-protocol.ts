import type { ErrorRecord } from '../errors.js'
import type { Job, Result } from '../jobs/types.js'

/** What an engine tells a worker process. */
export type Order =
  | { readonly setup: unknown; readonly atOnce: number }
  | { readonly id: number; readonly job: Job; readonly isFree: boolean }
  | { readonly question: number; readonly owner: string | undefined }
  | { readonly question: number; readonly refused: ErrorRecord }
  /** To begin nothing more. */
  | { readonly halt: true }
  /** To let go also of what has begun. */
  | { readonly stop: true }

/** What a worker process tells its engine. */
export type Report = { readonly ready: true } | WorkReport

/** What it tells of a job: its result, a path that it would write to, or that it wasn't begun before a halt. */
export type WorkReport =
  | { readonly id: number; readonly result: Omit<Result, 'job'> }
  | { readonly id: number; readonly question: number; readonly path: string }
  | { readonly id: number; readonly isUnbegun: true }
