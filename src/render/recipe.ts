import { type Operation, readOps } from '../operations/parse-operations.js'
import type { Format } from '../operations/settings/format.js'
import type { PixelOperation } from './passes/plan-passes.js'
import { type Keep, NOTHING, EVERYTHING } from '../metadata/keep.js'
import type { Written } from '../metadata/written.js'
import type { ImageOp } from '../operations/image-op.generated.js'

/** A list of operations, split into pixel operations and settings. */
export interface Recipe {
  readonly pixels: readonly PixelOperation[]
  readonly format: Format | undefined
  readonly keep: Keep
  /** True if it says which metadata is kept. */
  readonly choosesMetadata: boolean
  /** True if it says that no metadata is kept, which is also the default. */
  readonly strips: boolean
  /** Metadata that replaces that of the source. */
  readonly written: Written
  readonly autoOrient: boolean
  /** Density at which an SVG is drawn, in pixels per inch. */
  readonly density: number | undefined
  /** Allows the preview that the camera embedded to replace the picture. */
  readonly preview: 'embedded' | undefined
  /** Page, frame or picture of the source, from 0 on. */
  readonly page: number | undefined
}

/** Splits a validated list into pixel operations and settings. */
export function toRecipe(operations: readonly Operation[]): Recipe {
  const format = setting(operations, 'format') as Format | undefined // validated by the registry
  const orient = setting(operations, 'autoOrient') as { enabled: boolean } | undefined // validated too
  const density = setting(operations, 'density') as { dpi: number } | undefined // validated too
  const preview = setting(operations, 'preview') as { source: 'embedded' } | undefined // validated too
  const metadata = setting(operations, 'metadata') as Metadata | undefined // validated too
  const page = setting(operations, 'page') as { index: number } | undefined // validated too
  return {
    pixels: operations.filter((operation) => operation.kind === 'pixels'),
    format,
    keep: toKeep(metadata),
    choosesMetadata: metadata !== undefined,
    strips: metadata?.keep === 'nothing',
    written: (setting(operations, 'write') as Written | undefined) ?? NONE_WRITTEN, // validated too
    autoOrient: orient?.enabled ?? true,
    density: density?.dpi,
    preview: preview?.source,
    page: page?.index,
  }
}

const NONE_WRITTEN: Written = {}

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

const cache = new WeakMap<readonly ImageOp[], Recipe>()

/**
 * Validates and splits a list of operations. The result is cached by the list's identity, so the list must not change
 * afterwards. Throws UNKNOWN_OPERATION or INVALID_OPERATION.
 */
export function recipeOf(ops: readonly ImageOp[]): Recipe {
  const cached = cache.get(ops)
  if (cached !== undefined) return cached
  const recipe = toRecipe(readOps(ops))
  cache.set(ops, recipe)
  return recipe
}
