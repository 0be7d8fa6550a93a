import type { TiffLayout } from './layout.js'
import { readBlocks, type Block, type Subsampling } from './blocks.js'
import { createSampleReader, type SampleRow } from './samples.js'
import type { FailOn } from '../../image/types.js'
import type { WorkClock } from './work-clock.js'

/** Samples of 8 or 16 bits, pixel by pixel. */
export type Pixels = Uint8Array | Uint16Array

/** A channel to read: a sample becomes `sample * factor + offset`, clipped to the depth. */
export interface ChannelPlan {
  readonly channel: number
  readonly factor: number
  readonly offset: number
}

export interface GatherOptions {
  readonly channels: readonly ChannelPlan[]
  readonly depth: 8 | 16
  readonly subsampling: Subsampling
  readonly failOn: FailOn
  readonly clock: WorkClock
}

/** Channels of all pixels. */
export interface Gathered {
  readonly pixels: Pixels
  /** Number of samples that were clipped by more than half. */
  readonly outside: number
}

/** Reads some channels of all pixels. Throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TIMED_OUT and ABORTED. */
export async function gatherChannels(
  file: Uint8Array,
  layout: TiffLayout,
  options: GatherOptions,
): Promise<Gathered> {
  const { width, height, bits = 8, kind, tags } = layout
  const { channels, depth, subsampling, failOn, clock } = options
  const count = width * height * channels.length
  const pixels = depth === 8 ? new Uint8Array(count) : new Uint16Array(count)
  const { littleEndian } = tags
  const isNeeded = (channel: number): boolean => channels.some((each) => each.channel === channel)
  let outside = 0
  for await (const block of readBlocks(file, layout, { subsampling, failOn, isNeeded })) {
    const [stepX, stepY] = subsampling
    const isSubsampled = stepX * stepY > 1
    const stride = block.plane === undefined ? layout.channels : 1
    const samples = isSubsampled
      ? Math.ceil(layout.blockWidth / stepX) * (stepX * stepY + 2)
      : layout.blockWidth * stride
    const read = createSampleReader({ bits, isFloat: kind === 'float', littleEndian, count: samples })
    for (let index = 0; index * stepY < block.rows; index++) {
      const row = read(block.bytes, index * block.rowBytes)
      if (isSubsampled) placeUnits(row, block, index, { layout, subsampling, pixels })
      else outside += placeRow(row, block, index, { layout, channels, depth, stride, pixels })
      await clock.pause()
    }
  }
  return { pixels, outside }
}

interface RowTarget {
  readonly layout: TiffLayout
  readonly channels: readonly ChannelPlan[]
  readonly depth: 8 | 16
  readonly stride: number
  readonly pixels: Pixels
}

/** Places a row of samples. Returns how many were clipped by more than half a level. */
function placeRow(
  row: SampleRow,
  { plane, left, top }: Block,
  index: number,
  { layout, channels, depth, stride, pixels }: RowTarget,
): number {
  const columns = Math.min(layout.blockWidth, layout.width - left)
  const start = (top + index) * layout.width + left
  const max = 2 ** depth - 1
  let outside = 0
  for (const [place, { channel, factor, offset }] of channels.entries()) {
    if (plane !== undefined && plane !== channel) continue
    let from = plane === undefined ? channel : 0
    let to = start * channels.length + place
    for (let column = 0; column < columns; column++, from += stride, to += channels.length) {
      const value = (row[from] ?? 0) * factor + offset + 0.5
      if (value >= 0 && value < max + 1) pixels[to] = value
      else {
        outside++
        // Not a number becomes 0.
        pixels[to] = value > 0 ? max : 0
      }
    }
  }
  return outside
}

/** Places units of subsampled YCbCr: the luma of several pixels, then their common chroma (TIFF 6.0, section 21). */
function placeUnits(
  row: SampleRow,
  { left, top, rows }: Block,
  index: number,
  {
    layout,
    subsampling: [stepX, stepY],
    pixels,
  }: { layout: TiffLayout; subsampling: Subsampling; pixels: Pixels },
): void {
  const right = Math.min(layout.width, left + layout.blockWidth)
  const size = stepX * stepY
  for (let unit = 0; unit * (size + 2) < row.length; unit++) {
    const at = unit * (size + 2)
    for (let each = 0; each < size; each++) {
      const x = left + unit * stepX + (each % stepX)
      const inBlock = index * stepY + Math.floor(each / stepX)
      if (x >= right || inBlock >= rows) continue
      const to = ((top + inBlock) * layout.width + x) * 3
      pixels[to] = row[at + each] ?? 0
      pixels[to + 1] = row[at + size] ?? 0
      pixels[to + 2] = row[at + size + 1] ?? 0
    }
  }
}
