import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { readOps, renameFiles } from '../operations/parse-operations.js'
import type { FailOn } from '../image/types.js'
import type { Store } from '../stores/types.js'
import { sha256 } from '../utils/sha256.js'

/** Counts changes of imgproc itself that change pixels: outputs of an older version are made again. */
const RECIPE_VERSION = 1

/** The hash of the content of each file that operations name. */
export type FileHashes = ReadonlyMap<string, string>

/**
 * The hash of everything but the source that decides an output's bytes; equal spellings have equal hashes. What was
 * taken from a damaged source is no output for whoever forgives less.
 */
export function hashRecipe(
  ops: readonly ImageOp[],
  files: FileHashes = new Map(),
  failOn: FailOn = 'error',
  sharedWidth?: number,
): string {
  // A watermark's content counts, not where it lies.
  const operations = readOps(renameFiles(ops, (ref) => files.get(ref) ?? ref))
  const settings = operations.filter(({ kind }) => kind === 'setting')
  // The order of operations matters, that of settings doesn't.
  const meant = [
    ...operations.filter(({ kind }) => kind === 'pixels'),
    ...settings.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ].map(({ name, params }) => [name, params])
  const all = [RECIPE_VERSION, failOn, meant, ...(sharedWidth === undefined ? [] : [{ level: sharedWidth }])]
  return sha256(JSON.stringify(all, sortKeys)).slice(0, 32)
}

/** Hashes the files that operations name. Throws INVALID_OPERATION where one can't be read. */
export async function hashFiles(store: Store, ops: readonly ImageOp[]): Promise<FileHashes> {
  const refs = new Set<string>()
  renameFiles(ops, (ref) => {
    refs.add(ref)
    return ref
  })
  const hashes = new Map<string, string>()
  for (const ref of refs) {
    const bytes = await store.read(ref).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      const message = `An operation names a file that can't be read: ${why}`
      throw new ImgprocError('INVALID_OPERATION', message, { stage: 'plan', path: ref, cause })
    })
    hashes.set(ref, sha256(bytes))
  }
  return hashes
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
