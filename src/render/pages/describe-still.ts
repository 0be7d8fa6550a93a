import type { OpenImage } from '../../image/open-image.js'
import type { EncodingDetails } from '../../image/types.js'

/** Returns the page that a still shows of a source that holds several. */
export function describeStill({
  pages = 1,
  page = 0,
}: OpenImage): Pick<EncodingDetails, 'page' | 'sourcePages'> {
  return pages > 1 ? { page, sourcePages: pages } : {}
}

/** Returns the warning of an animation that became a still although nobody asked for that. */
export function warnOfLostFrames({ pages = 1 }: OpenImage): string {
  return `The source is an animation of ${pages} frames, and a PNG is written without animation: it shows the first frame. Choose the format webp or gif to keep all.`
}

/** Returns the warning of a source of which one frame is read. */
export function warnOfHiddenFrames(format: string, frames: number): string {
  return `The ${format.toUpperCase()} is an animation of ${frames} frames, of which imgproc reads only the first: the output is a still. Convert it to an animated WebP or PNG first to keep all.`
}
