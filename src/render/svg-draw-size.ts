import { scaleSize } from '../operations/geometry.js'
import type { Picture, Size } from '../picture.js'
import { applyToPicture, type PixelOperation } from './passes/plan-passes.js'

/**
 * Returns the size at which an SVG is drawn: the size after its first scaling, so that it is never enlarged as
 * pixels. Operations before the scaling (turns, colours) give the same result at any size. Operations are given in
 * pixels of the SVG's own size throughout.
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
      const drawn = scaledSize(params, picture, to)
      const upright = turns % 2 === 1 ? { width: drawn.height, height: drawn.width } : drawn
      // Colour operations must not run on fewer pixels: a threshold, for example, would give another result.
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

/** Returns the size after scaling, before it is cropped or padded. */
function scaledSize(params: unknown, from: Size, to: Size): Size {
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
