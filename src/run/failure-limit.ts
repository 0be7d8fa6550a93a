import { ImgprocError } from '../errors.js'
import { isRemote } from '../paths/location.js'
import type { Summary } from '../jobs/summary.js'
import type { OutputResult, Result } from '../jobs/types.js'
import type { FailureOptions } from './options.js'

/** Images in a row that could not be written before a run stops: the disk is full or gone. */
const UNWRITTEN_IN_A_ROW = 20

/** Counts failed images, and stops a run that has too many of them. */
interface FailureLimit {
  /** Aborts when no further image may start. */
  readonly signal: AbortSignal
  record(result: Result): void
  /** Returns the summary's `stopped`; nothing if the run went on to its end. */
  summary(left: number): Pick<Summary, 'stopped'>
}

/**
 * Creates the failure limit of a run. Without a limit in the options, only a disk that can no longer be written to stops
 * the run.
 *
 * @param total number of images, for a limit that is a share.
 */
export function createFailureLimit(options: FailureOptions, total: number): FailureLimit {
  const accepted = acceptedFailures(options, total)
  const controller = new AbortController()
  let failed = 0
  let unwritten = 0
  return {
    signal: controller.signal,
    record({ job, error, outputs, analysisErrors = [] }) {
      // A network may recover.
      if (outputs.some(isUnwritten) && !isRemote(job.out)) unwritten++
      if (outputs.some(({ action }) => action === 'written')) unwritten = 0
      if (unwritten >= UNWRITTEN_IN_A_ROW && isUnlimited(options)) controller.abort()
      if (
        error === undefined &&
        analysisErrors.length === 0 &&
        !outputs.some(({ action }) => action === 'failed')
      )
        return
      failed++
      if (failed > accepted) controller.abort()
    },
    summary(left) {
      if (!controller.signal.aborted || left === 0) return {}
      const by = options.bail === true ? 'bail' : isUnlimited(options) ? 'unwritable' : 'maxFailures'
      return { stopped: { by, left } }
    },
  }
}

/** True for a write that failed for a reason that other outputs share: such an error is retryable. */
function isUnwritten(output: OutputResult): boolean {
  return output.action === 'failed' && output.error.code === 'WRITE_FAILED' && output.error.retryable
}

function isUnlimited({ bail, maxFailures }: FailureOptions): boolean {
  return bail !== true && maxFailures === undefined
}

/** Returns how many images may fail. Throws INVALID_USAGE if `maxFailures` is neither a count nor a share. */
export function acceptedFailures({ bail, maxFailures }: FailureOptions, total: number): number {
  const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(maxFailures ?? '')) ?? []
  const isShare = percent === '%'
  const isMeant = maxFailures === undefined || (isShare ? Number(number) <= 100 : /^\d+$/.test(number))
  if (!isMeant) {
    const message = `maxFailures is ${maxFailures}. Expected the number of images that may fail, such as 20, or a share of all, such as 5%.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  if (bail === true) return 0
  if (maxFailures === undefined) return Infinity
  return isShare ? (Number(number) / 100) * total : Number(number)
}
