import type { Corner, JpegSize, JpegTarget } from '../types.js'
import { quantizersOf } from './quantization-tables.js'
import type { Size } from './decode-request.js'
import { lengthOf, planResize, type Axis, type ResizePlan } from './lanczos-kernels.js'
import {
  BITS,
  KERNELS,
  PLAN_HEIGHT,
  PLAN_ACROSS,
  PLAN_DOWN,
  PLAN_ORIENTATION,
  PLAN_QUANTIZERS,
  PLAN_SUBSAMPLED,
  PLAN_WIDTH,
} from './memory-layout.generated.js'

/** libvips keeps ten rows of a picture that it reads from its top to its bottom. */
const ROWS = 10
/** Pixels across. */
const TILE = 128

const shrinkings = remember(
  (from: number, factor: number, first: number, count: number, origin: number, restart: number) =>
    planResize({ from, factor, first, count, origin, restart }),
)
const quantizers = remember((quality: number) => quantizersOf(quality))

/** An axis that becomes shorter, as far as sizes tell. */
type Wanted = Pick<Axis, 'from' | 'factor' | 'first' | 'count'>

/** As libvips goes along it. */
function plan(
  { from, factor, first, count }: Wanted,
  origin: number,
  restart: number,
): ResizePlan | undefined {
  return shrinkings(from, factor, first, count, origin, restart)
}

/** How both axes become shorter (sharp's `ResolveShrink` and `CalculateCrop`). */
function axesOf(from: Size, to: JpegSize): { readonly down: Wanted; readonly across: Wanted } {
  const { orientation, cover } = to
  const factors = { down: from.height / to.height, across: from.width / to.width }
  const down = { from: from.height, factor: factors.down, first: 0, count: to.height }
  const across = { from: from.width, factor: factors.across, first: 0, count: to.width }
  if (cover === undefined) return { down, across }
  const factor = Math.min(factors.down, factors.across)
  const isOnItsSide = orientation > 4
  const [x, y] = isOnItsSide ? [cover.y, cover.x] : [cover.x, cover.y]
  const crop = (axis: Wanted, at: Corner['x'], isReversed: boolean): Wanted => {
    const left = lengthOf(axis.from, factor) - axis.count
    const first = at === 0.5 ? Math.floor((left + 1) / 2) : left * at
    return { ...axis, factor, first: isReversed ? left - first : first }
  }
  return {
    down: crop(down, y, [3, 4, 6, 7].includes(orientation)),
    across: crop(across, x, [2, 3, 7, 8].includes(orientation)),
  }
}

/** Writes down for WebAssembly how a picture is to be scaled; false where that can't be, or there is no room for it. */
export function writeScaling(memory: Uint8Array, from: Size, to: JpegSize): boolean {
  const axes = axesOf(from, to)
  const down = plan(axes.down, 0, ROWS)
  const across = plan(axes.across, axes.across.first, Infinity)
  if (down === undefined || across === undefined) return false
  const second = (KERNELS + down.bytes.length + 15) & ~15
  if (second + across.bytes.length > BITS) return false
  const view = new DataView(memory.buffer, memory.byteOffset)
  view.setUint32(PLAN_WIDTH, to.width, true)
  view.setUint32(PLAN_HEIGHT, to.height, true)
  const writeStep = (step: number, { whole, count, taps, bytes }: ResizePlan, place: number) => {
    for (const [index, number] of [whole, count, taps, place].entries())
      view.setUint32(step + index * 4, number, true)
    memory.set(bytes, place)
  }
  writeStep(PLAN_DOWN, down, KERNELS)
  writeStep(PLAN_ACROSS, across, second)
  return true
}

/**
 * Whether libvips makes the same pixels of a row as a whole and in tiles, as it may for others than the JPEG encoder, and
 * before it turns pixels: where a place lies just between two kernels, the way there decides.
 */
export function isSameInTiles(from: Size, to: JpegSize): boolean {
  const { across } = axesOf(from, to)
  const ways = [
    plan(across, across.first, Infinity),
    plan(across, across.first, TILE),
    plan(across, 0, Infinity),
    plan(across, 0, TILE),
  ]
  return ways.every((way) => way !== undefined && Buffer.compare(way.bytes, ways[0]!.bytes) === 0)
}

/** And how it is to be turned and encoded. */
export function writeEncoding(
  memory: Uint8Array,
  { orientation, quality, chromaSubsampling }: JpegTarget,
): void {
  memory[PLAN_ORIENTATION] = orientation
  memory[PLAN_SUBSAMPLED] = chromaSubsampling === '4:2:0' ? 1 : 0
  memory.set(quantizers(quality), PLAN_QUANTIZERS)
}

/** What a function has made of its last numbers: sources are often of few sizes, and targets of fewer. */
function remember<A extends readonly number[], T>(
  make: (...numbers: A) => T,
  most = 64,
): (...numbers: A) => T {
  const known = new Map<string, { readonly made: T }>()
  return (...numbers) => {
    const key = numbers.join(' ')
    const before = known.get(key)
    if (before !== undefined) return before.made
    const made = make(...numbers)
    if (known.size === most) known.clear()
    known.set(key, { made })
    return made
  }
}
