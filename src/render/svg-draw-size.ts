import { scaleSize } from '../operations/geometry.js'
import type { Picture, Size } from '../picture.js'
import { applyToPicture, type PixelOperation } from './passes/plan-passes.js'

/**
 * The size at which vectors are drawn: what the first operation that scales them makes, so that nothing is ever
 * blurred up. What comes before it (turns, colours) does the same to a drawing of any size, and the operations
 * count in the picture's own pixels all the while.
 */
export function sizeToDraw(operations: readonly PixelOperation[], from: Picture): Size {
  let picture = from
  let turns = 0
  let onlyTurns = true
  for (const operation of operations) {
    const { op, params, name } = operation
    const to = applyToPicture(operation, picture)
    if (name === 'thumbnail' || name === 'resize') {
      if (op.isNoop?.(params, picture) === true) continue
      const drawn = toScale(params, picture, to)
      const upright = turns % 2 === 1 ? { width: drawn.height, height: drawn.width } : drawn
      // Colours may not be taken from fewer pixels than were there: a threshold, for one, tells the two apart.
      return onlyTurns || upright.width >= from.width ? upright : sizeOf(from)
    }
    if (!to.vector) break
    const turn = op.turns?.(params)
    if (turn === undefined) onlyTurns = false
    turns += turn ?? 0
    picture = to
  }
  return sizeOf(from)
}

/** What scaling makes before it crops or fills up. */
function toScale(params: unknown, from: Size, to: Size): Size {
  const { fit, width, height } = params as { fit?: string; width?: unknown; height?: unknown } // of thumbnail and resize
  const factors = [to.width / from.width, to.height / from.height]
  const hasBox = width !== undefined && height !== undefined
  if (hasBox && fit === 'cover') return scaleSize(from, Math.max(...factors))
  if (hasBox && fit === 'contain') return scaleSize(from, Math.min(...factors))
  return sizeOf(to)
}

function sizeOf({ width, height }: Size): Size {
  return { width, height }
}
