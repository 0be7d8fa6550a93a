import type { ErrorRecord } from '../errors.js'
import type { ResultMessage } from './job-message.js'

/** Returns all errors of a result: those of the job, its outputs and its analyzers. */
export function errorsOf({ error, outputs, analysisErrors = [] }: ResultMessage): ErrorRecord[] {
  const failed = outputs.flatMap((output) => (output.action === 'failed' ? output.error : []))
  return [...(error === undefined ? [] : [error]), ...failed, ...analysisErrors.map((one) => one.error)]
}
