import { type Operation, readOps } from '../operations/parse-operations.js'
import type { Format } from '../operations/settings/format.js'
import type { PixelOperation } from './passes/plan-passes.js'
import { type Keep, NOTHING, EVERYTHING } from '../metadata/keep.js'
import type { ImageOp } from '../operations/image-op.generated.js'

/** A list of operations, taken apart. */
export interface Recipe {
  readonly pixels: readonly PixelOperation[]
  readonly format: Format | undefined
  readonly keep: Keep
  readonly autoOrient: boolean
  /** Pixels an inch, for an SVG. */
  readonly density: number | undefined
  /** What the camera made small may stand for the picture. */
  readonly preview: 'embedded' | undefined
}

/** Takes a validated list apart into operations on pixels and settings. */
export function toRecipe(operations: readonly Operation[]): Recipe {
  const format = setting(operations, 'format') as Format | undefined // the registry's format made them
  const orient = setting(operations, 'autoOrient') as { enabled: boolean } | undefined // likewise
  const density = setting(operations, 'density') as { dpi: number } | undefined // likewise
  const preview = setting(operations, 'preview') as { source: 'embedded' } | undefined // likewise
  return {
    pixels: operations.filter((operation) => operation.kind === 'pixels'),
    format,
    keep: toKeep(setting(operations, 'metadata') as Metadata | undefined), // likewise
    autoOrient: orient?.enabled ?? true,
    density: density?.dpi,
    preview: preview?.source,
  }
}

interface Metadata {
  readonly keep: 'nothing' | 'everything' | readonly (keyof Keep)[]
}

function setting(operations: readonly Operation[], name: string): unknown {
  return operations.find((operation) => operation.name === name)?.params
}

function toKeep(metadata: Metadata | undefined): Keep {
  if (metadata === undefined || metadata.keep === 'nothing') return NOTHING
  if (metadata.keep === 'everything') return EVERYTHING
  return { ...NOTHING, ...Object.fromEntries(metadata.keep.map((part) => [part, true])) }
}

const known = new WeakMap<readonly ImageOp[], Recipe>()

/**
 * A list of operations, validated and taken apart: once, however many images it is for. Nobody may change the list
 * afterwards.
 */
export function recipeOf(ops: readonly ImageOp[]): Recipe {
  const before = known.get(ops)
  if (before !== undefined) return before
  const recipe = toRecipe(readOps(ops))
  known.set(ops, recipe)
  return recipe
}
