import { isPending } from '../../jobs/is-pending.js'
import type { Job, JobEvent, Result } from '../../jobs/types.js'

/** A run in progress, in numbers and words. */
export interface ProgressCount {
  /** Renditions that are done, and all. */
  readonly done: number
  readonly total: number
  /** Images that are done, and all. */
  readonly images: number
  readonly allImages: number
  readonly failed: number
  /** Path of the source that has been in work for longest. */
  readonly current: string | undefined
}

/** Counts the renditions of a run. */
export interface ProgressCounter {
  start(jobs: Iterable<Job>): void
  /** Takes a sign of a job in work. */
  note(event: JobEvent): void
  /** Takes the result of a job. */
  add(result: Result): void
  count(): ProgressCount
}

/** Finished jobs that are remembered. */
const MAX_FINISHED = 10_000

export function createProgressCounter(): ProgressCounter {
  /** Encoded renditions of the jobs in work, in the order of their start. */
  const inWork = new Map<string, { readonly path: string; done: number }>()
  /** Events of a job may come a little after its result. */
  const finished = new Set<string>()
  let [done, total, images, allImages, failed] = [0, 0, 0, 0, 0]
  return {
    start(jobs) {
      for (const job of jobs) {
        if (!isPending(job)) continue
        allImages++
        total += weightOf(job)
      }
    },
    note({ kind, job }) {
      const key = keyOf(job)
      if (finished.has(key)) return
      const state = inWork.get(key) ?? { path: job.path, done: 0 }
      // The result counts the last one.
      if (kind === 'rendition') state.done = Math.min(state.done + 1, weightOf(job) - 1)
      inWork.set(key, state)
    },
    add({ job, status }) {
      if (!isPending(job)) return
      inWork.delete(keyOf(job))
      finished.add(keyOf(job))
      // The oldest goes first.
      if (finished.size > MAX_FINISHED)
        for (const key of finished) {
          finished.delete(key)
          break
        }
      done += weightOf(job)
      images++
      if (status === 'failed' || status === 'partial') failed++
    },
    count() {
      const [oldest] = inWork.values()
      const partly = [...inWork.values()].reduce((sum, one) => sum + one.done, 0)
      return { done: done + partly, total, images, allImages, failed, current: oldest?.path }
    },
  }
}

/** An analysis alone counts as one rendition. */
function weightOf({ renditions }: Job): number {
  return Math.max(1, renditions.length)
}

/** A source has a job in each output folder. */
function keyOf({ id, out }: Job): string {
  return `${id} ${out}`
}

/** Returns images per second, or seconds per image if that is less than one; empty before the first image. */
export function formatRate(images: number, seconds: number): string {
  if (images === 0 || seconds <= 0) return ''
  const rate = images / seconds
  return rate >= 1 ? `${rate.toFixed(rate < 10 ? 1 : 0)} img/s` : `${(seconds / images).toFixed(1)} s/img`
}

/** Returns the time that is left; undefined until some renditions have shown how long they take. */
export function estimateSeconds({ done, total }: ProgressCount, seconds: number): number | undefined {
  return done === 0 || seconds < 1 ? undefined : (seconds * (total - done)) / done
}

/** Formats seconds: `45 s`, `2 min 5 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
