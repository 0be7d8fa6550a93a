import { blockSizeOf, type BlockSize } from './subsampling.js'
import { readScans, type PlacedScan, type ScannedJpeg } from './progressive-scans.js'
import type { JpegComponent } from './markers.js'

/** Larger files take the ordinary way: a forged one could keep the thread looking for markers for seconds. */
const MOST_BYTES = 64 * 1024 * 1024

/** Reads the structure of a progressive JPEG. Undefined where it isn't one, or not a whole one. */
export function readProgressive(file: Buffer): ScannedJpeg | undefined {
  return file.length > MOST_BYTES ? undefined : readScans(file)
}

/** Whether a scan tells of anything that is seen where a block of the finest component becomes so many pixels. */
export function isSeen({ components, first }: PlacedScan, jpeg: ScannedJpeg, side: BlockSize): boolean {
  return first === 0 || !isMean(jpeg.frame.components[components[0]!]!, jpeg, side)
}

/** Whether a component's blocks become one pixel each there, which is their mean. */
export function isMean(component: JpegComponent, { frame }: ScannedJpeg, side: BlockSize): boolean {
  return blockSizeOf(component, frame, side) === 1
}
