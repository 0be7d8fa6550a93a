import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { readOps, renameFiles } from '../operations/parse-operations.js'
import type { WhenUnsafe } from '../jobs/types.js'
import type { FailOn } from '../image/types.js'
import type { Store } from '../stores/types.js'
import { analyzersOf, type Models } from './needed-analyzers.js'
import { sha256 } from '../utils/sha256.js'

/** Increased by each change to imgproc that changes pixels, so that outputs of older versions are made again. */
const RECIPE_VERSION = 1

/** Content hashes of the files that operations use, by their refs. */
export type FileHashes = ReadonlyMap<string, string>

interface HashOptions {
  /** @default none */
  readonly files?: FileHashes | undefined
  /** Part of the hash, since an output of a damaged source must not serve a stricter run. @default 'error' */
  readonly failOn?: FailOn | undefined
  /** The preset's largest width, if the pixels may be made from that. */
  readonly sharedWidth?: number | undefined
  /** @default none */
  readonly models?: Models | undefined
  /** @default none */
  readonly whenUnsafe?: WhenUnsafe | readonly WhenUnsafe[] | undefined
}

/**
 * Returns the hash of all settings that decide an output's bytes: 32 hex digits. Different spellings of the same
 * operations have the same hash.
 *
 * Findings of another model give other pixels, so the models that operations use are part of it.
 */
export function hashRecipe(
  ops: readonly ImageOp[],
  { files = new Map(), failOn = 'error', sharedWidth, models = {}, whenUnsafe }: HashOptions = {},
): string {
  // The content of a watermark counts, not its path.
  const operations = readOps(renameFiles(ops, (ref) => files.get(ref) ?? ref))
  const settings = operations.filter(({ kind }) => kind === 'setting')
  // The order of operations matters; the order of settings does not.
  const canonical = [
    ...operations.filter(({ kind }) => kind === 'pixels'),
    ...settings.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ].map((operation) => {
    const { name, params } = operation
    const version = operation.kind === 'pixels' ? operation.op.version : undefined
    return version === undefined ? [name, params] : [name, params, { version }]
  })
  const policies = [whenUnsafe ?? []].flat()
  const used = analyzersOf({ ops, whenUnsafe: policies[0] }).map((name) => [name, models[name]])
  const all = [
    RECIPE_VERSION,
    failOn,
    canonical,
    ...(sharedWidth === undefined ? [] : [{ level: sharedWidth }]),
    ...(used.length === 0 ? [] : [{ models: used }]),
    ...(policies.length === 0 ? [] : [{ whenUnsafe: policies }]),
  ]
  return sha256(JSON.stringify(all, sortKeys)).slice(0, 32)
}

/**
 * Hashes the files that operations use.
 *
 * @throws ImgprocError INVALID_OPERATION if a file cannot be read.
 */
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
      const message = `Cannot read a file that an operation uses: ${why}`
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
