import { createHash } from 'node:crypto'
import { z } from 'zod'
import { ImgprocError } from '../errors.js'
import { sortEntries, sortOutputs } from './manifest-order.js'
import { manifestSchema } from './manifest-schema.js'
import type { Manifest, ManifestEntry } from './manifest-types.js'

export { mergeEntries, toEntry } from './manifest-merge.js'

const VERSION = 1
const ELSEWHERE = 'write another with --manifest FILE, or choose another folder with --out.'

// The order in which keys are written; what isn't named here follows, sorted.
const TOOL = ['name', 'version', 'sharp', 'libvips']
const ENTRY = ['id', 'source', 'status', 'reason', 'outputs', 'analysis', 'error']
const SOURCE = ['path', 'bytes', 'width', 'height', 'format', 'hash']
const ERROR = ['code', 'message', 'stage', 'retryable']
const MEASURES = ['format', 'mime', 'width', 'height', 'pages', 'quality', 'bytes', 'hash']
const OUTPUT = ['preset', 'status', 'path', 'url', ...MEASURES, 'recipe', 'stale', 'error']

/** A source's identity in the manifest: the first 16 hex digits of its path's SHA-256. */
export function sourceId(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16)
}

/**
 * Reads a manifest.
 *
 * @param path the file's name, for errors.
 * @throws ImgprocError INVALID_USAGE where it isn't one of ours, is newer than this imgproc, or damaged.
 */
export function parseManifest(text: string, path: string): Manifest {
  const data = parseJson(text)
  const { tool, version, entries } = record(data)
  if (record(tool).name !== 'imgproc' || typeof version !== 'number') throw notOurs(path)
  if (version > VERSION) {
    const words = `was written by a newer imgproc (manifest version ${version}; this one knows ${VERSION})`
    throw refuse(path, `${path} ${words}; it is left alone. Update imgproc, or ${ELSEWHERE}`)
  }
  if (!Array.isArray(entries)) throw notOurs(path)
  const read = manifestSchema.safeParse(data)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const where = issue === undefined ? '' : ` at ${z.core.toDotPath(issue.path)}: ${issue.message}`
  const words = `is a manifest of imgproc, but damaged${where}. It is left alone.`
  throw refuse(
    path,
    `${path} ${words} Restore it, delete it so that the next run makes it anew, or ${ELSEWHERE}`,
  )
}

function parseJson(text: string): unknown {
  try {
    // Some editors put a byte order mark before it.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function notOurs(path: string): ImgprocError {
  const choice = ELSEWHERE.charAt(0).toUpperCase() + ELSEWHERE.slice(1)
  return refuse(path, `${path} is not an imgproc manifest; it is left alone. ${choice}`)
}

function refuse(path: string, message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path })
}

/** A manifest as JSON, one entry a line: the same bytes for the same content, in whatever order it comes. */
export function formatManifest(manifest: Manifest): string {
  return [...manifestLines(manifest)].join('\n') + '\n'
}

/** The lines of a manifest, for those too large for one string: a million entries pass V8's limit. */
export function* manifestLines(manifest: Manifest): Generator<string> {
  const { $schema, version, tool, entries, ...rest } = manifest
  const schema = $schema === undefined ? {} : { $schema }
  const head = { ...schema, version, tool: inOrder(tool, TOOL), ...inOrder(rest, []) }
  yield '{'
  for (const [key, value] of Object.entries(head)) {
    yield `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`
  }
  if (entries.length === 0) yield '  "entries": []'
  else {
    yield '  "entries": ['
    const sorted = sortEntries(entries)
    for (const [index, entry] of sorted.entries()) {
      yield `    ${formatEntry(entry)}${index < sorted.length - 1 ? ',' : ''}`
    }
    yield '  ]'
  }
  yield '}'
}

function formatEntry(entry: ManifestEntry): string {
  const outputs = sortOutputs(entry.outputs).map((output) => {
    return inOrder(
      output.status === 'ready' ? output : { ...output, error: inOrder(output.error, ERROR) },
      OUTPUT,
    )
  })
  const error = entry.error && { error: inOrder(entry.error, ERROR) }
  const analysis = entry.analysis && { analysis: inOrder(entry.analysis, []) }
  const source = inOrder(entry.source, SOURCE)
  return JSON.stringify(inOrder({ ...entry, source, outputs, ...analysis, ...error }, ENTRY))
}

/** A copy with these keys first, and the others sorted after them. */
function inOrder(object: object, keys: readonly string[]): Record<string, unknown> {
  const given: Record<string, unknown> = { ...object }
  const others = Object.keys(given).filter((key) => !keys.includes(key))
  const copy: Record<string, unknown> = {}
  for (const key of [...keys, ...others.toSorted()]) {
    if (Object.hasOwn(given, key)) copy[key] = given[key]
  }
  return copy
}
