import {
  COMPONENT_COUNT,
  FILE,
  FILE_LENGTH,
  OUTPUT_HEIGHT,
  OUTPUT_WIDTH,
  RESIZE_SHRINK,
  RESIZE_SHRUNK_LENGTH,
  RESIZE_VERTICAL,
  TARGET_HEIGHT,
  TARGET_WIDTH,
} from './memory-layout'
import { allocate, Memory } from './allocator'
import { unfilterRow } from './png-filters'
import { premultiplyRow, unpremultiplyPixels } from './premultiply'
import { MARGIN, reduce, shrinkRows } from './resample'

/**
 * Resizes the rows of a PNG at `FILE`, RGB or RGBA. Rows are averaged as soon as they are read, so that a large picture needs
 * little more memory than its rows. Returns the address of the pixels, or 0 for an unknown filter.
 */
export function resizeRows(): usize {
  Memory.free = FILE + load<u32>(FILE_LENGTH) + 32
  const channels = <usize>load<u32>(COMPONENT_COUNT)
  const width = <usize>load<u32>(OUTPUT_WIDTH)
  const height = <usize>load<u32>(OUTPUT_HEIGHT)
  const length = width * channels
  const shrink = <usize>load<u32>(RESIZE_VERTICAL + RESIZE_SHRINK)
  const count = shrink > 1 ? <usize>load<u32>(RESIZE_VERTICAL + RESIZE_SHRUNK_LENGTH) : height
  const rows = allocate((count + 2 * MARGIN) * length + 64) + MARGIN * length
  const group = allocate(shrink * length + 64)
  let prior = allocate(length + 32)
  memory.fill(prior, 0, length + 32)
  let row = FILE + 1
  for (let y: usize = 0; y < height; y++) {
    if (!unfilterRow(load<u8>(row - 1), row, prior, length, channels)) return 0
    const index = y % shrink
    const to = shrink > 1 ? group + index * length : rows + y * length
    if (channels == 4) premultiplyRow(row, to, width)
    else memory.copy(to, row, length)
    const isLast = index == shrink - 1 || y == height - 1
    if (shrink > 1 && isLast) shrinkRows(group, rows + (y / shrink) * length, 0, <u32>shrink, index + 1, length)
    prior = row
    row += length + 1
  }
  const pixels = reduce(rows, count)
  if (channels == 4) unpremultiplyPixels(pixels, <usize>load<u32>(TARGET_WIDTH) * load<u32>(TARGET_HEIGHT))
  return pixels
}
