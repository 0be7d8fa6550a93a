import { ImgprocError } from '../errors.js'
import { isRemote } from '../paths/location.js'
import type { Summary } from '../jobs/summary.js'
import type { OutputResult, Result } from '../jobs/types.js'
import type { RunOptions } from './options.js'

/** Images in a row of which none could be written: the disk is full or gone, and the rest would be made for nothing. */
const UNWRITTEN_IN_A_ROW = 20

/** Counts failed images, and stops a run that has too many. */
interface FailureLimit {
  /** Aborted when nothing further is to begin. */
  readonly signal: AbortSignal
  record(result: Result): void
  /** What the summary says of it: nothing where the run went on to its end. */
  summary(left: number): Pick<Summary, 'stopped'>
}

/**
 * The failureLimit of a run. Where nobody has said how many may fail, only a disk that takes nothing any more stops it.
 *
 * @param total the images of the run, which a share is of.
 */
export function createFailureLimit(
  options: Pick<RunOptions, 'bail' | 'maxFailures'>,
  total: number,
): FailureLimit {
  const accepted = acceptedFailures(options, total)
  const controller = new AbortController()
  let failed = 0
  let unwritten = 0
  return {
    signal: controller.signal,
    record({ job, error, outputs, analysisErrors = [] }) {
      // A network comes back by itself.
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

/** What stands in the way of one output says nothing of the others; it isn't retryable. */
function isUnwritten(output: OutputResult): boolean {
  return output.action === 'failed' && output.error.code === 'WRITE_FAILED' && output.error.retryable
}

function isUnlimited({ bail, maxFailures }: Pick<RunOptions, 'bail' | 'maxFailures'>): boolean {
  return bail !== true && maxFailures === undefined
}

/** How many may fail. Throws INVALID_USAGE where that is no number or share. */
export function acceptedFailures(
  { bail, maxFailures }: Pick<RunOptions, 'bail' | 'maxFailures'>,
  total: number,
): number {
  const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(maxFailures ?? '')) ?? []
  const isShare = percent === '%'
  const isMeant = maxFailures === undefined || (isShare ? Number(number) <= 100 : /^\d+$/.test(number))
  if (!isMeant) {
    const message = `maxFailures is ${maxFailures}. Expected how many images may fail, such as 20, or a share of all, such as 5%.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
  }
  if (bail === true) return 0
  if (maxFailures === undefined) return Infinity
  return isShare ? (Number(number) / 100) * total : Number(number)
}
