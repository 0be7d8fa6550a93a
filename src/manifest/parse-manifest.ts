import { z } from 'zod'
import { ImgprocError } from '../errors.js'
import { asRecord, parseJson } from '../utils/parse-json.js'
import { formatEntry } from './serialize.js'
import { idOf, parseLine, splitLines, type Layout, type ManifestLines } from './line-index.js'
import { compareEntries } from './sort.js'
import { entrySchema, headSchema, manifestSchema } from './schema.js'
import type { Manifest, ManifestEntry } from './types.js'
import { createLazyManifest, toBytes, type LazyManifest } from './lazy-manifest.js'

const VERSION = 1
const ELSEWHERE = 'write another with --manifest FILE, or choose another folder with --out.'

/** A manifest as JSON, one entry a line: the same text for the same content, in whatever order it comes. */
export function formatManifest({ entries, ...head }: Manifest): string {
  return toBytes({ head, lines: undefined, changes: byId(entries) }, 'json').toString()
}

/**
 * Reads a manifest.
 *
 * @param path the file's name, for errors.
 * @throws ImgprocError INVALID_USAGE where it isn't one of ours, is newer than this imgproc, or damaged.
 */
export function parseManifest(text: string, path: string): Manifest {
  // Some editors add a byte order mark.
  const data = parseJson(text.replace(/^\uFEFF/, ''))
  checkHead(data, path)
  if (!Array.isArray(asRecord(data).entries)) throw createForeignError(path)
  const read = manifestSchema.safeParse(data)
  if (read.success) return read.data
  throw createInvalidError(path, read.error)
}

/** A manifest's bytes, with each entry checked as `parseManifest` does; `isOwn` ones need no check. */
export function openLazyManifest(bytes: Buffer, path: string, layout: Layout, isOwn: boolean): LazyManifest {
  const lines = splitLines(bytes, layout)
  if (lines !== undefined) checkHead({ ...lines.head, entries: [] }, path)
  if (lines !== undefined && (isOwn || isCanonical(lines, path))) return createLazyManifest(lines.head, lines)
  if (layout === 'ndjson') throw createForeignError(path)
  const { entries, ...head } = parseManifest(bytes.toString(), path)
  return createLazyManifest(head, undefined, byId(entries))
}

function byId(entries: readonly ManifestEntry[]): Map<string, ManifestEntry> {
  return new Map(entries.map((entry) => [entry.id, entry]))
}

/** Whether all lines are as we would write them. Throws INVALID_USAGE where an entry is damaged. */
function isCanonical(lines: ManifestLines, path: string): boolean {
  const ids = new Set<string>()
  let before: ManifestEntry | undefined
  let isAsWritten = headSchema.safeParse(lines.head).success
  for (const index of lines.starts.keys()) {
    const read = entrySchema.safeParse(parseLineOf(lines, index, path))
    if (!read.success) throw createInvalidError(path, read.error, ['entries', index])
    const entry = read.data
    ids.add(idOf(lines, index))
    const text = lines.bytes.toString('utf8', lines.starts[index], lines.ends[index])
    if (before !== undefined && compareEntries(before, entry) >= 0) isAsWritten = false
    if (formatEntry(entry) !== text) isAsWritten = false
    before = entry
  }
  return isAsWritten && ids.size === lines.starts.length
}

function parseLineOf(lines: ManifestLines, index: number, path: string): unknown {
  try {
    return parseLine(lines, index)
  } catch {
    throw createDamagedError(path, ` at entries[${index}]: its line is no JSON`)
  }
}

/** Throws where something else than a manifest that we know begins like this. */
function checkHead(data: unknown, path: string): void {
  const { tool, version } = asRecord(data)
  if (asRecord(tool).name !== 'imgproc' || typeof version !== 'number') throw createForeignError(path)
  if (version > VERSION) {
    const words = `was written by a newer imgproc (manifest version ${version}; this one knows ${VERSION})`
    throw createManifestError(path, `${path} ${words}; it is left alone. Update imgproc, or ${ELSEWHERE}`)
  }
}

function createInvalidError(
  path: string,
  { issues: [issue] }: z.ZodError,
  above: PropertyKey[] = [],
): ImgprocError {
  if (issue === undefined) return createDamagedError(path, '')
  return createDamagedError(path, ` at ${z.core.toDotPath([...above, ...issue.path])}: ${issue.message}`)
}

function createDamagedError(path: string, where: string): ImgprocError {
  const words = `is a manifest of imgproc, but damaged${where}. It is left alone.`
  return createManifestError(
    path,
    `${path} ${words} Restore it, delete it so that the next run makes it anew, or ${ELSEWHERE}`,
  )
}

function createForeignError(path: string): ImgprocError {
  const choice = ELSEWHERE.charAt(0).toUpperCase() + ELSEWHERE.slice(1)
  return createManifestError(path, `${path} is not an imgproc manifest; it is left alone. ${choice}`)
}

function createManifestError(path: string, message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path })
}
