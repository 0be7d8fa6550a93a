import type { Sharp } from 'sharp'
import type { ImageOp } from './image-op.generated.js'
import type { OpContext, FreezeForAnimation } from './define-operation.js'
import { scaleSize } from './geometry.js'

interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Runs a searching crop on the first frame, and returns a resize and crop that apply its result to all frames. */
export function freezeSearch(
  search: (image: Sharp, context: OpContext) => Sharp | Promise<Sharp>,
): FreezeForAnimation {
  return async ([first], context) => {
    if (first === undefined) return []
    const { from, to } = context
    const { info } = await (await search(first, context)).toBuffer({ resolveWithObject: true })
    const scaled = scaleSize(from, Math.max(to.width / from.width, to.height / from.height))
    // sharp reports the offsets of the scaled picture inside the box, so they are negative.
    const left = clamp(-(info.cropOffsetLeft ?? 0), scaled.width - to.width)
    const top = clamp(-(info.cropOffsetTop ?? 0), scaled.height - to.height)
    const resize: ImageOp = { resize: { ...scaled, fit: 'fill', enlarge: true } }
    return [resize, { crop: { width: to.width, height: to.height, left, top } }]
  }
}

/** Trims each frame, and returns a crop to the bounding box of all the results. */
export function freezeTrim(
  trim: (image: Sharp, context: OpContext) => Sharp | Promise<Sharp>,
): FreezeForAnimation {
  return async (frames, context) => {
    const boxes: Box[] = []
    for (const frame of frames) {
      const { info } = await (await trim(frame, context)).toBuffer({ resolveWithObject: true })
      const { trimOffsetLeft = 0, trimOffsetTop = 0, width, height } = info
      boxes.push({ left: -trimOffsetLeft, top: -trimOffsetTop, width, height })
    }
    const left = Math.min(...boxes.map((box) => box.left))
    const top = Math.min(...boxes.map((box) => box.top))
    const right = Math.max(...boxes.map((box) => box.left + box.width))
    const bottom = Math.max(...boxes.map((box) => box.top + box.height))
    return [{ crop: { left, top, width: right - left, height: bottom - top } }]
  }
}

function clamp(value: number, max: number): number {
  return Math.max(0, Math.min(value, max))
}
