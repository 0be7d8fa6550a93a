import type { ImageOp } from './image-op.generated.js'

/**
 * Returns a list of operations unchanged, with its exact type. Use it for lists kept in a variable.
 *
 * @example
 * ```ts
 * import { defineOps, transform } from 'imgproc'
 * const card = defineOps([{ thumbnail: '400x300' }, { sharpen: 0.5 }, { format: 'webp' }])
 * const { data } = await transform('photo.jpg', card)
 * console.log(data.length)
 * ```
 */
export function defineOps<const T extends readonly ImageOp[]>(ops: T): T {
  return ops
}
