import type { Size } from '../../picture.js'
import type { Corner, JpegSize, JpegTarget } from '../types.js'
import { quantTablesOf } from './quantization-tables.js'
import { planResize, resizedLength, type Axis, type ResizePlan } from './lanczos-kernels.js'
import {
  COLOUR_SUMS,
  KERNELS,
  RESIZE_HORIZONTAL,
  RESIZE_KERNELS,
  RESIZE_SHRINK,
  RESIZE_SHRUNK_LENGTH,
  RESIZE_TAPS,
  RESIZE_VERTICAL,
  TARGET_HEIGHT,
  TARGET_ORIENTATION,
  TARGET_QUANT_TABLES,
  TARGET_SUBSAMPLED,
  TARGET_WIDTH,
} from './memory-layout.generated.js'

/** Rows of a strip in libvips, when it reads a picture from top to bottom. */
const STRIP_HEIGHT = 10
/** Width of a tile in libvips. */
const TILE_WIDTH = 128

/** Sources often have few sizes, and targets fewer. */
const cachedPlan = memoize(
  (from: number, factor: number, first: number, count: number, origin: number, restart: number) =>
    planResize({ from, factor, first, count, origin, restart }),
)
const cachedQuantTables = memoize((quality: number) => quantTablesOf(quality))

/** The part of an axis that depends on sizes alone. */
type AxisSize = Pick<Axis, 'from' | 'factor' | 'first' | 'count'>

function planAxis(
  { from, factor, first, count }: AxisSize,
  origin: number,
  restart: number,
): ResizePlan | undefined {
  return cachedPlan(from, factor, first, count, origin, restart)
}

/** Returns both axes, cropped to cover (sharp's `ResolveShrink` and `CalculateCrop`). */
function toAxes(from: Size, to: JpegSize): { readonly vertical: AxisSize; readonly horizontal: AxisSize } {
  const { orientation, cover } = to
  const factors = { vertical: from.height / to.height, horizontal: from.width / to.width }
  const vertical = { from: from.height, factor: factors.vertical, first: 0, count: to.height }
  const horizontal = { from: from.width, factor: factors.horizontal, first: 0, count: to.width }
  if (cover === undefined) return { vertical, horizontal }
  const factor = Math.min(factors.vertical, factors.horizontal)
  const swapsAxes = orientation > 4
  const [x, y] = swapsAxes ? [cover.y, cover.x] : [cover.x, cover.y]
  const crop = (axis: AxisSize, position: Corner['x'], isReversed: boolean): AxisSize => {
    const surplus = resizedLength(axis.from, factor) - axis.count
    const first = position === 0.5 ? Math.floor((surplus + 1) / 2) : surplus * position
    return { ...axis, factor, first: isReversed ? surplus - first : first }
  }
  return {
    vertical: crop(vertical, y, [3, 4, 6, 7].includes(orientation)),
    horizontal: crop(horizontal, x, [2, 3, 7, 8].includes(orientation)),
  }
}

/** Writes the request to resize into WebAssembly memory; returns false if it is not supported, or the memory is too small. */
export function writeResizeRequest(memory: Uint8Array, from: Size, to: JpegSize): boolean {
  const axes = toAxes(from, to)
  const vertical = planAxis(axes.vertical, 0, STRIP_HEIGHT)
  const horizontal = planAxis(axes.horizontal, axes.horizontal.first, Infinity)
  if (vertical === undefined || horizontal === undefined) return false
  const horizontalKernels = (KERNELS + vertical.kernels.length + 15) & ~15
  if (horizontalKernels + horizontal.kernels.length > COLOUR_SUMS) return false
  const view = new DataView(memory.buffer, memory.byteOffset)
  view.setUint32(TARGET_WIDTH, to.width, true)
  view.setUint32(TARGET_HEIGHT, to.height, true)
  const writePlan = (
    record: number,
    { shrink, shrunkLength, taps, kernels }: ResizePlan,
    address: number,
  ) => {
    view.setUint32(record + RESIZE_SHRINK, shrink, true)
    view.setUint32(record + RESIZE_SHRUNK_LENGTH, shrunkLength, true)
    view.setUint32(record + RESIZE_TAPS, taps, true)
    view.setUint32(record + RESIZE_KERNELS, address, true)
    memory.set(kernels, address)
  }
  writePlan(RESIZE_VERTICAL, vertical, KERNELS)
  writePlan(RESIZE_HORIZONTAL, horizontal, horizontalKernels)
  return true
}

/** Returns the number of rows that are averaged to one before the kernel is applied; 1 for none. */
export function verticalShrink(from: Size, to: JpegSize): number {
  return planAxis(toAxes(from, to).vertical, 0, STRIP_HEIGHT)?.shrink ?? 1
}

/**
 * Returns true if libvips resizes rows to the same pixels whole and in tiles. It may use tiles before it applies an orientation,
 * and for outputs other than JPEG. At positions halfway between two kernels the rounding depends on that.
 */
export function isSameInTiles(from: Size, to: JpegSize): boolean {
  const { horizontal } = toAxes(from, to)
  const plans = [
    planAxis(horizontal, horizontal.first, Infinity),
    planAxis(horizontal, horizontal.first, TILE_WIDTH),
    planAxis(horizontal, 0, Infinity),
    planAxis(horizontal, 0, TILE_WIDTH),
  ]
  return plans.every((plan) => plan !== undefined && Buffer.compare(plan.kernels, plans[0]!.kernels) === 0)
}

/** Writes the request to orient and encode into WebAssembly memory. */
export function writeEncodeRequest(
  memory: Uint8Array,
  { orientation, quality, chromaSubsampling }: JpegTarget,
): void {
  memory[TARGET_ORIENTATION] = orientation
  memory[TARGET_SUBSAMPLED] = chromaSubsampling === '4:2:0' ? 1 : 0
  memory.set(cachedQuantTables(quality), TARGET_QUANT_TABLES)
}

/** Returns a function that caches results by its arguments, and forgets all of them when `limit` are cached. */
function memoize<A extends readonly number[], T>(
  compute: (...numbers: A) => T,
  limit = 64,
): (...numbers: A) => T {
  const cache = new Map<string, { readonly result: T }>()
  return (...numbers) => {
    const key = numbers.join(' ')
    const cached = cache.get(key)
    if (cached !== undefined) return cached.result
    const result = compute(...numbers)
    if (cache.size === limit) cache.clear()
    cache.set(key, { result })
    return result
  }
}
