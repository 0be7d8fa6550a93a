import { blockSizeOf, type BlockSize } from './subsampling.js'
import { readScans, type LocatedScan, type ProgressiveJpeg } from './progressive-scans.js'
import type { JpegComponent } from './markers.js'

/** Larger files are left to sharp: searching a forged one for markers could take seconds. */
const MAX_BYTES = 64 * 1024 * 1024

/** Reads the structure of a progressive JPEG. Returns undefined for any other file, and if it is invalid or incomplete. */
export function readProgressive(file: Buffer): ProgressiveJpeg | undefined {
  return file.length > MAX_BYTES ? undefined : readScans(file)
}

/** Returns true if a scan affects the pixels when blocks of the finest component become `blockSize` pixels. */
export function isScanNeeded(
  { components, spectralStart }: LocatedScan,
  jpeg: ProgressiveJpeg,
  blockSize: BlockSize,
): boolean {
  return spectralStart === 0 || !needsOnlyDc(jpeg.frame.components[components[0]!]!, jpeg, blockSize)
}

/** Returns true if each of a component's blocks becomes one pixel, which depends only on its DC coefficient. */
export function needsOnlyDc(
  component: JpegComponent,
  { frame }: ProgressiveJpeg,
  blockSize: BlockSize,
): boolean {
  return blockSizeOf(component, frame, blockSize) === 1
}
