import type { JpegComponent, JpegFrame } from './markers.js'

/** How many blocks of 8x8 samples a component has across and down. */
export function blocksOf(
  { across, down }: JpegComponent,
  frame: JpegFrame,
): { readonly across: number; readonly down: number } {
  const { most } = frame
  return {
    across: Math.ceil((frame.width * across) / (most.across * 8)),
    down: Math.ceil((frame.height * down) / (most.down * 8)),
  }
}

/** Pixels across and down that a block of the finest component becomes: 1 at 1/8 of a picture's size, 8 at its own. */
export type BlockSize = 1 | 2 | 4 | 8

/**
 * How many pixels across and down a block of a component becomes: as many as one of the finest, or two times and more of
 * a coarser component, as long as that leaves no more than a whole factor to be made up for. At 1/8 4:2:0 chroma becomes
 * two, 4:2:2 chroma one (libjpeg's jdmaster.c, `jpeg_calc_output_dimensions`).
 */
export function blockSizeOf(
  { across, down }: JpegComponent,
  frame: JpegFrame,
  finest: BlockSize = 1,
): number {
  const { most } = frame
  let side: number = finest
  const fits = (wanted: number) =>
    (most.across * finest) % (across * wanted) === 0 && (most.down * finest) % (down * wanted) === 0
  while (side < 8 && fits(side * 2)) side *= 2
  return side
}

/** Whether an MCU of all components has no more blocks than it may (ITU T.81, B.2.3). */
export function fitsUnit({ components }: JpegFrame): boolean {
  return components.reduce((sum, { across, down }) => sum + across * down, 0) <= 10
}
