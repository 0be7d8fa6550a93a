import type { ErrorRecord } from '../errors.js'
import type { OutputResult, Result } from './types.js'

/** The result of an output, an output in a manifest, or a manifest entry. */
type Item = Pick<OutputResult, 'action'> | Pick<Result, 'status'>

const FAILED: ReadonlySet<string> = new Set(['failed', 'partial'])
const EXISTING: ReadonlySet<string> = new Set(['written', 'unchanged', 'ready', 'partial'])

/**
 * Returns the status of a source: `ready` if it has outputs, `failed` if it has none because of a failure, `partial` if
 * it has some despite a failure, `skipped` if no output was to be made.
 *
 * @param items Its outputs, or the entries of one source in several manifests.
 * @param error The error of the source as a whole, if it failed.
 */
export function statusOf(items: readonly Item[], error?: ErrorRecord): Result['status'] {
  const hasFailed = error !== undefined || items.some((item) => FAILED.has(stateOf(item)))
  const hasOutput = items.some((item) => EXISTING.has(stateOf(item)))
  if (hasFailed) return hasOutput ? 'partial' : 'failed'
  return hasOutput ? 'ready' : 'skipped'
}

function stateOf(item: Item): string {
  return 'status' in item ? item.status : item.action
}

/** Returns the URL of an output: its path, percent-encoded, below the base URL. */
export function urlOf(path: string, baseUrl: string): string {
  return baseUrl + path.split('/').map(encodeURIComponent).join('/')
}
