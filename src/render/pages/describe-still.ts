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
export function warnOfLostFrames({ pages = 1, format }: OpenImage): string {
  const name = `${format === 'avif' ? 'an' : 'a'} ${format.toUpperCase()}`
  return `The source is an animation of ${pages} frames, and ${name} is written without animation: it shows the first frame. Choose the format webp or gif to keep all.`
}

/** Returns the warning of a source of which one frame is read. */
export function warnOfHiddenFrames({ format, pages = 1 }: OpenImage, reason: string): string {
  return `The ${format.toUpperCase()} is an animation of ${pages} frames, of which imgproc reads only the first: the output is a still. ${reason}`
}
