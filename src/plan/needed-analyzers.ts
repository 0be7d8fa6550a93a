import type { ImageOp } from '../operations/image-op.generated.js'
import { recipeOf } from '../render/recipe.js'

/** Names and versions of models, by the names of their analyzers. */
export type Models = Readonly<Record<string, string>>

/** Returns the names of the analyzers whose findings operations use. */
export function analyzersOf(ops: readonly ImageOp[]): readonly string[] {
  const origins = recipeOf(ops).pixels.flatMap(({ op, params }) => op.focusOrigin?.(params) ?? [])
  return [...new Set(origins.filter((origin) => origin !== 'metadata'))]
}
