import type { ErrorRecord } from '../errors.js'
import type { OutputResult, Result } from './types.js'

/** What became of a source, by what became of its outputs. */
export function statusOf(outputs: readonly OutputResult[], error?: ErrorRecord): Result['status'] {
  const failed = error !== undefined || outputs.some(({ action }) => action === 'failed')
  const isThere = outputs.some(({ action }) => action === 'written' || action === 'unchanged')
  if (failed) return isThere ? 'partial' : 'failed'
  return isThere ? 'ready' : 'skipped'
}

/** The address of an output. */
export function urlOf(path: string, baseUrl: string): string {
  return baseUrl + path.split('/').map(encodeURIComponent).join('/')
}
