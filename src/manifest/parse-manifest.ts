import { z } from 'zod'
import { ImgprocError } from '../errors.js'
import { asRecord, parseJson } from '../utils/parse-json.js'
import { formatEntry } from './serialize.js'
import { idOf, lineText, parseLine, splitLines, type Layout, type ManifestLines } from './line-index.js'
import { compareEntries } from './sort.js'
import { entrySchema, headSchema, manifestSchema } from './schema.js'
import type { Manifest, ManifestEntry } from './types.js'
import { createLazyManifest, type LazyManifest } from './lazy-manifest.js'
import { toBytes } from './to-bytes.js'
import type { Bytes } from '../utils/spool/byte-spool.js'
import { createRepeatDetector } from '../utils/spool/repeated-texts.js'

const VERSION = 1
const ALTERNATIVE =
  'name another file: one that a run has written, or for a run a new one (--manifest FILE, or another --out).'

/** Formats a manifest as JSON, one entry a line. The same content gives the same text, in whatever order it is. */
export function formatManifest({ entries, ...head }: Manifest): string {
  return toBytes({ head, lines: undefined, changes: byId(entries) }, 'json').toString()
}

/**
 * Parses and validates a manifest.
 *
 * @param path the file's name, for errors.
 * @throws ImgprocError INVALID_USAGE if it is not an imgproc manifest, is of a newer version, or is damaged.
 */
export function parseManifest(text: string, path: string): Manifest {
  // Some editors add a byte order mark.
  const data = parseJson(text.replace(/^\uFEFF/, ''))
  checkHead(data, path)
  if (!Array.isArray(asRecord(data).entries)) throw createForeignError(path)
  const parsed = manifestSchema().safeParse(data)
  if (parsed.success) return parsed.data
  throw createInvalidError(path, parsed.error)
}

/**
 * Opens a manifest's bytes, and validates each entry as `parseManifest` does.
 *
 * @param isOwn true for bytes that imgproc wrote, which need no validation.
 * @throws ImgprocError INVALID_USAGE as `parseManifest` does.
 */
export function openLazyManifest(bytes: Bytes, path: string, layout: Layout, isOwn: boolean): LazyManifest {
  const lines = splitLines(bytes, layout)
  if (lines !== undefined) checkHead({ ...lines.head, entries: [] }, path)
  if (lines !== undefined && (isOwn || isCanonical(lines, path))) return createLazyManifest(lines.head, lines)
  if (layout === 'ndjson') throw createForeignError(path)
  const { entries, ...head } = parseManifest(bytes.read(0, bytes.length()).toString(), path)
  return createLazyManifest(head, undefined, byId(entries))
}

function byId(entries: readonly ManifestEntry[]): Map<string, ManifestEntry> {
  return new Map(entries.map((entry) => [entry.id, entry]))
}

/** Returns true if all lines are as imgproc writes them. Throws INVALID_USAGE if an entry is damaged. */
function isCanonical(lines: ManifestLines, path: string): boolean {
  const ids = createRepeatDetector()
  let before: ManifestEntry | undefined
  let isAsWritten = headSchema().safeParse(lines.head).success
  for (const index of lines.starts.keys()) {
    const parsed = entrySchema().safeParse(parseEntryLine(lines, index, path))
    if (!parsed.success) throw createInvalidError(path, parsed.error, ['entries', index])
    const entry = parsed.data
    ids.add(idOf(lines, index))
    const text = lineText(lines, index)
    if (before !== undefined && compareEntries(before, entry) >= 0) isAsWritten = false
    if (formatEntry(entry) !== text) isAsWritten = false
    before = entry
  }
  return isAsWritten && ids.find(() => lines.starts.map((_, index) => idOf(lines, index))).size === 0
}

function parseEntryLine(lines: ManifestLines, index: number, path: string): unknown {
  try {
    return parseLine(lines, index)
  } catch {
    throw createDamagedError(path, ` at entries[${index}]: the line is not valid JSON`)
  }
}

/** Throws INVALID_USAGE if the data is not a manifest of a version that is supported. */
function checkHead(data: unknown, path: string): void {
  const { tool, version } = asRecord(data)
  if (asRecord(tool).name !== 'imgproc' || typeof version !== 'number') throw createForeignError(path)
  if (version > VERSION) {
    const problem = `was written by a newer imgproc (manifest version ${version}; this one supports ${VERSION})`
    throw createManifestError(path, `${problem}. It was not changed. Update imgproc, or ${ALTERNATIVE}`)
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
  const advice = `Restore it, delete it so that the next run creates a new one, or ${ALTERNATIVE}`
  return createManifestError(
    path,
    `is an imgproc manifest, but damaged${where}. It was not changed. ${advice}`,
  )
}

function createForeignError(path: string): ImgprocError {
  const advice = ALTERNATIVE.charAt(0).toUpperCase() + ALTERNATIVE.slice(1)
  return createManifestError(path, `is not an imgproc manifest. It was not changed. ${advice}`)
}

function createManifestError(path: string, problem: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', `${path} ${problem}`, { stage: 'usage', path })
}
