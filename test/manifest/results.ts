import { applyResults } from '../../src/manifest/apply-results.js'
import { sourceId } from '../../src/jobs/source-id.js'
import type { Manifest, ManifestEntry } from '../../src/manifest/types.js'
import { createLazyManifest } from '../../src/manifest/lazy-manifest.js'
import { compareResults, type OrderedResult } from '../../src/manifest/merge-results.js'
import type { OutputResult, Result } from '../../src/jobs/types.js'
import type { ErrorRecord } from '../../src/errors.js'

const tool = { name: 'imgproc', version: '0.1.0', sharp: '0.35.5', libvips: '8.18.7' } as const
export const corrupt: ErrorRecord = {
  code: 'CORRUPT_IMAGE',
  message: 'cut',
  stage: 'decode',
  retryable: false,
}
const limits = { pixels: 1, bytes: 1, frames: 1, seconds: 1 }

export function manifest(entries: readonly ManifestEntry[]): Manifest {
  return { $schema: 'https://example.org/manifest.schema.json', version: 1, tool, entries }
}

/** Sorts results as a run does. */
export function sortResults(results: Iterable<Result>): OrderedResult[] {
  return [...results].map((result, order) => ({ result, order })).toSorted(compareResults)
}

/** Applies results to entries. */
export function mergeEntries(old: readonly ManifestEntry[], results: Iterable<Result>): ManifestEntry[] {
  const { entries, ...head } = manifest(old)
  const stored = createLazyManifest(head, undefined, new Map(entries.map((entry) => [entry.id, entry])))
  return [...applyResults(stored, sortResults(results))]
}

export function written(preset: string, path: string, width = 100): OutputResult {
  const picture = { format: 'webp' as const, mime: 'image/webp', width, height: 75 }
  return { action: 'written', preset, path, ...picture, bytes: 3609, hash: 'sha256:0a', recipe: `r-${width}` }
}

export function failed(preset: string, path: string): OutputResult {
  return { action: 'failed', preset, path, recipe: 'r', error: corrupt }
}

export function skipped(preset: string, reason: string): OutputResult {
  return { action: 'skipped', preset, path: `${preset}.webp`, recipe: 'r', reason }
}

/** Returns a result of a job that planned these presets and those of the outputs. */
export function result(
  path: string,
  outputs: OutputResult[],
  extra: Partial<Result> & { presets?: string[] } = {},
): Result {
  const { presets = [], ...rest } = extra
  const renditions = presets.map((preset) => ({ preset, target: 'x', ops: [], recipe: 'r' }))
  const source = { ref: `/src/${path}`, size: 9 }
  return {
    job: { id: sourceId(path), path, source, renditions, out: '/out', analyze: [], limits, failOn: 'error' },
    status: 'ready',
    source: { bytes: 9, width: 800, height: 600, format: 'png', hash: 'sha256:01' },
    outputs,
    ms: 1,
    ...rest,
  }
}

/** Returns a result of a source that could not be read. */
export function failure(path: string, presets: string[]): Result {
  const { source: _source, ...rest } = result(path, [], { presets, status: 'failed', error: corrupt })
  return rest
}

export const paths = (entry: ManifestEntry | undefined) => entry?.outputs.map(({ path }) => path)
