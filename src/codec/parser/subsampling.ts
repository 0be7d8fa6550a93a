import type { JpegComponent, JpegFrame } from './markers.js'

/** Size of a component in blocks of 8x8 samples, without padding blocks. */
export interface SizeInBlocks {
  readonly across: number
  readonly down: number
}

/** Returns a component's size in blocks (libjpeg's `width_in_blocks` and `height_in_blocks`). */
export function sizeInBlocks({ hSampling, vSampling }: JpegComponent, frame: JpegFrame): SizeInBlocks {
  return {
    across: Math.ceil((frame.width * hSampling) / (frame.maxHSampling * 8)),
    down: Math.ceil((frame.height * vSampling) / (frame.maxVSampling * 8)),
  }
}

/** Returns the MCUs of a scan of all components: in a row, and in all. */
export function countMcus(frame: JpegFrame): { readonly perRow: number; readonly count: number } {
  const perRow = Math.ceil(frame.width / (frame.maxHSampling * 8))
  return { perRow, count: perRow * Math.ceil(frame.height / (frame.maxVSampling * 8)) }
}

/** Side in pixels of a decoded block of the finest component: 8 at full size, 1 at 1/8. */
export type BlockSize = 1 | 2 | 4 | 8

/**
 * Returns the side in pixels of a component's decoded blocks. It is that of the finest component, doubled for a coarser one as
 * often as whole factors are left for upsampling. At 1/8 it is 2 for 4:2:0 chroma and 1 for 4:2:2 chroma (libjpeg's
 * jdmaster.c, `jpeg_calc_output_dimensions`).
 */
export function blockSizeOf(
  { hSampling, vSampling }: JpegComponent,
  { maxHSampling, maxVSampling }: JpegFrame,
  finest: BlockSize = 1,
): number {
  let blockSize: number = finest
  const fits = (wanted: number) =>
    (maxHSampling * finest) % (hSampling * wanted) === 0 &&
    (maxVSampling * finest) % (vSampling * wanted) === 0
  while (blockSize < 8 && fits(blockSize * 2)) blockSize *= 2
  return blockSize
}

/** Returns true if an MCU of all components has at most 10 blocks (ITU T.81, B.2.3). */
export function fitsMcu({ components }: JpegFrame): boolean {
  return components.reduce((sum, { hSampling, vSampling }) => sum + hSampling * vSampling, 0) <= 10
}
