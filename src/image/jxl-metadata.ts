import type { Metadata } from 'sharp'
import { ImgprocError } from '../errors.js'
import { readJxl, toMetadata } from '../jxl/read-header.js'
import { jxlCodec } from '../jxl/shared-codec.js'
import { checkLimits } from './limits.js'
import type { Limits } from './types.js'

/**
 * Reads the header of a JPEG XL, which sharp does not know. Returns undefined for another file. The frames of an animation are
 * counted by the codec, since only it finds where they begin.
 *
 * Throws CORRUPT_IMAGE, TOO_MANY_PIXELS; for an animation also TIMED_OUT, ABORTED, INTERNAL, and UNSUPPORTED_FORMAT if wasm-vips is
 * not installed.
 */
export async function readJxlMetadata(
  bytes: Uint8Array,
  limits: Limits,
  signal?: AbortSignal,
): Promise<Metadata | undefined> {
  const file = readJxl(bytes)
  if (file === undefined) return undefined
  if (file === 'damaged') {
    const message =
      'The JPEG XL is damaged: its header ends too early, or is none. Copy or download the file again.'
    throw new ImgprocError('CORRUPT_IMAGE', message, { stage: 'decode' })
  }
  const metadata = toMetadata(file)
  if (!file.header.isAnimated) return metadata
  checkLimits(metadata, limits)
  const timeline = await jxlCodec.timeline(file.codestream, { seconds: limits.seconds, signal })
  return timeline === undefined ? metadata : { ...metadata, ...timeline, delay: [...timeline.delay] }
}
