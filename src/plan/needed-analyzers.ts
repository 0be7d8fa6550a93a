import type { ImageOp } from '../operations/image-op.generated.js'
import type { WhenUnsafe } from '../jobs/types.js'
import { recipeOf } from '../render/recipe.js'

/** Names and versions of models, by the names of their analyzers. */
export type Models = Readonly<Record<string, string>>

interface Needs {
  readonly ops: readonly ImageOp[]
  readonly whenUnsafe?: WhenUnsafe | undefined
}

/** Returns the names of the analyzers whose findings the operations and the policy of a rendition use. */
export function analyzersOf({ ops, whenUnsafe }: Needs): readonly string[] {
  const origins = recipeOf(ops).pixels.flatMap(({ op, params }) => op.focusOrigin?.(params) ?? [])
  const found = origins.filter((origin) => origin !== 'metadata')
  return [...new Set([...found, ...(whenUnsafe === undefined ? [] : ['moderation'])])]
}
