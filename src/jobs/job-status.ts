import type { ErrorRecord } from '../errors.js'
import type { OutputResult, Result } from './types.js'

/** Returns the status of a source: `ready`, `partial`, `failed`, or `skipped` if it has no outputs. */
export function statusOf(outputs: readonly OutputResult[], error?: ErrorRecord): Result['status'] {
  const failed = error !== undefined || outputs.some(({ action }) => action === 'failed')
  const hasOutput = outputs.some(({ action }) => action === 'written' || action === 'unchanged')
  if (failed) return hasOutput ? 'partial' : 'failed'
  return hasOutput ? 'ready' : 'skipped'
}

/** Returns the URL of an output. Each part of its path is percent-encoded. */
export function urlOf(path: string, baseUrl: string): string {
  return baseUrl + path.split('/').map(encodeURIComponent).join('/')
}
