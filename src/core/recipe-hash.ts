import { createHash } from 'node:crypto'
import type { ImageOp } from '../ops/image-op.js'
import { readOps } from '../ops/index.js'

/** Counts changes of imgproc itself that change pixels: outputs of an older version are made again. */
const RECIPE_VERSION = 1

/** The hash of everything but the source that decides an output's bytes; equal spellings have equal hashes. */
export function hashRecipe(ops: readonly ImageOp[]): string {
  const operations = readOps(ops)
  const settings = operations.filter(({ kind }) => kind === 'setting')
  // The order of operations matters, that of settings doesn't.
  const meant = [
    ...operations.filter(({ kind }) => kind === 'pixels'),
    ...settings.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ].map(({ name, params }) => [name, params])
  return createHash('sha256')
    .update(JSON.stringify([RECIPE_VERSION, meant], sortKeys))
    .digest('hex')
    .slice(0, 32)
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
