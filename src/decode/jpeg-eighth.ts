import type { JpegComponent, JpegFrame } from './jpeg-markers.js'

/** How many samples the finest component has across and down where the coarsest could have one. */
export function mostSamples({ components }: JpegFrame): { readonly across: number; readonly down: number } {
  return {
    across: Math.max(...components.map(({ across }) => across)),
    down: Math.max(...components.map(({ down }) => down)),
  }
}

/**
 * How many pixels across and down a block of a component becomes at 1/8: one, or two and more of a coarser component, as
 * long as that leaves no more than a whole factor to be made up for. 4:2:0 chroma becomes two, 4:2:2 chroma one
 * (libjpeg's jdmaster.c, `jpeg_calc_output_dimensions`).
 */
export function sideAtEighth({ across, down }: JpegComponent, frame: JpegFrame): number {
  const most = mostSamples(frame)
  let side = 1
  while (side < 8 && most.across % (across * side * 2) === 0 && most.down % (down * side * 2) === 0) side *= 2
  return side
}
