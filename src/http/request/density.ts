import type { ImageOp } from '../../operations/image-op.generated.js'
import { readOps } from '../../operations/parse-operations.js'

/** Operations whose pixels are those of the place that shows the picture. */
const SIZED: ReadonlySet<string> = new Set(['thumbnail', 'resize'])

/** Sizes in pixels of an operation. */
interface Box {
  readonly width?: number | string | undefined
  readonly height?: number | string | undefined
}

/** Returns an operation for a screen of more pixels: widths and heights of `thumbnail` and `resize` are multiplied. */
export function scaleOp(op: ImageOp, dpr: number): ImageOp {
  const [operation] = readOps([op])
  if (operation === undefined || dpr === 1 || !SIZED.has(operation.name)) return op
  const { width, height, ...others } = operation.params as Box // both operations have these parameters
  const box = { ...sideOf('width', width, dpr), ...sideOf('height', height, dpr) }
  return { [operation.name]: { ...others, ...box } } as unknown as ImageOp // validated parameters of the same operation
}

/** Returns the sides in pixels of the last operation that has any. */
export function boxOf(ops: readonly ImageOp[]): { readonly width?: number; readonly height?: number } {
  const last = readOps(ops).findLast(({ name }) => SIZED.has(name))
  const { width, height } = (last?.params ?? {}) as Box // both operations have these parameters
  return {
    ...(typeof width === 'number' && { width }),
    ...(typeof height === 'number' && { height }),
  }
}

/** A percentage is of the picture, and stays. */
function sideOf(name: 'width' | 'height', side: number | string | undefined, dpr: number): object {
  if (side === undefined) return {}
  return { [name]: typeof side === 'number' ? Math.max(1, Math.round(side * dpr)) : side }
}
