import { ImgprocError, toImgprocError, toRecord, type ErrorRecord } from '../../errors.js'
import type { Result } from '../../jobs/types.js'
import type { ImageRecord, ImageStatus, Records } from '../records/types.js'
import type { Executor } from './executor.js'
import { finishWork, isUnfinished } from './finish-work.js'
import type { ImageFiles } from './image-files.js'
import { planOutputs, type PlanOutputsOptions } from './plan-outputs.js'

export interface MakeOutputsOptions extends PlanOutputsOptions {
  readonly records: Records
  readonly files: ImageFiles
  readonly executor: Executor
}

/**
 * Makes what the record of an image lacks, and writes the result into it. Failures of the image are in its record.
 *
 * @throws ImgprocError if the record cannot be read or written, or the executor cannot be reached.
 */
export async function makeOutputs(id: string, options: MakeOutputsOptions): Promise<void> {
  const { records, files } = options
  const planned = await records.update(id, (record) =>
    // Another server may have made it since.
    isUnfinished(record) ? { ...record, status: 'processing' } : record,
  )
  if (planned === undefined) {
    await files.remove(id)
    await records.finish(id)
    return
  }
  if (!isUnfinished(planned)) {
    await finishWork(id, records)
    return
  }
  const result = await tryJob(planned, options)
  // The server stops. Another start goes on.
  if (result.error?.code === 'ABORTED') return
  if (result.error?.code === 'QUEUE_UNAVAILABLE') throw toError(result.error)
  const made = await records.update(id, (record) => withResult(record, result, planned.presets))
  // It was removed in the meantime, with the outputs that existed.
  if (made === undefined) await files.remove(id)
  if (made?.status !== 'queued') await finishWork(id, records)
}

type Outcome = Pick<Result, 'status' | 'outputs' | 'analysis' | 'analysisErrors' | 'error'>

async function tryJob(record: ImageRecord, options: MakeOutputsOptions): Promise<Outcome> {
  try {
    const job = await planOutputs(record, options)
    return await options.executor.execute(job, record.priority)
  } catch (error) {
    return { status: 'failed', outputs: record.outputs, error: toPlanRecord(error) }
  }
}

/** Returns an error of planning without this machine's paths. */
function toPlanRecord(caught: unknown): ErrorRecord {
  const error = toImgprocError(caught)
  if (error.code === 'UNKNOWN_PRESET') return toRecord(error)
  const message =
    'A preset can no longer be made: the config or a file that it names is wrong. Ask whoever runs the server.'
  return toRecord(new ImgprocError(error.code, message, { stage: 'plan' }))
}

/**
 * Returns a record with the result of a job.
 *
 * @param presets those that the job was planned with. Others were asked for since, and are still to be made.
 */
function withResult(record: ImageRecord, result: Outcome, presets: readonly string[]): ImageRecord {
  const { error: _before, ...rest } = record
  const { status, outputs, analysis, analysisErrors, error } = result
  const isComplete = record.presets.every((preset) => presets.includes(preset))
  const ended: ImageStatus = status === 'skipped' ? 'ready' : status
  return {
    ...rest,
    status: isComplete ? ended : 'queued',
    outputs,
    ...(analysis !== undefined && { analysis: { ...record.analysis, ...analysis } }),
    ...(analysisErrors !== undefined && { analysisErrors }),
    ...(error !== undefined && { error }),
  }
}

function toError({ code, message, stage }: ErrorRecord): ImgprocError {
  return new ImgprocError(code, message, { stage })
}
