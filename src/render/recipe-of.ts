import type { ImageOp } from '../operations/image-op.generated.js'
import { readOps } from '../operations/parse-operations.js'
import { toRecipe, type Recipe } from './recipe.js'

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
