import { openImage, sharpOptions, type OpenImage } from '../image/open-image.js'
import { createPause } from '../image/pause.js'
import { fileOfFrame } from '../metadata/heif/frame-file.js'
import { createSequenceError } from '../metadata/heif/sample-table.js'
import type { AvifSequence } from '../metadata/heif/sequence.js'
import { sharp } from '../sharp.js'
import type { PixelSource } from './passes/types.js'

/**
 * Opens one frame of an animated AVIF as a still, with the depth and colours of the file, and the metadata of the animation.
 *
 * Throws the errors of `openImage`.
 *
 * @param index from 0 on.
 */
export async function openSequenceFrame(
  { options, metadata: { exif, xmp } }: OpenImage,
  sequence: AvifSequence,
  index: number,
): Promise<OpenImage> {
  const { page: _, ...rest } = options
  const still = await openImage(fileOfFrame(sequence, index), { ...rest, compute: undefined })
  const { width, height } = still.metadata
  if (width !== sequence.width || height !== sequence.height)
    throw createSequenceError(
      `frame ${index} is ${width}x${height}, but the file tells ${sequence.width}x${sequence.height}`,
    )
  return { ...still, metadata: { ...still.metadata, ...(exif && { exif }), ...(xmp && { xmp }) } }
}

/**
 * Decodes the frames of an animated AVIF as RGBA. Each is decoded with all since its key frame, so that the time grows with the
 * square of the frames between two key frames.
 *
 * Throws the errors of `openImage` and sharp, TIMED_OUT after the limit of seconds for all, and ABORTED.
 *
 * @param only index of the one frame to decode. @default all
 */
export async function decodeSequence(
  image: OpenImage,
  sequence: AvifSequence,
  { keepColours, seconds, only }: { keepColours: boolean; seconds: number; only?: number | undefined },
): Promise<PixelSource[]> {
  const pause = createPause({ signal: image.options.signal, seconds })
  const indices = only === undefined ? sequence.colour.data.map((_, index) => index) : [only]
  const frames: PixelSource[] = []
  for (const index of indices) {
    const still = await openSequenceFrame(image, sequence, index)
    const pixels = sharp(still.bytes, sharpOptions(still.options))
    const { data, info } = await (keepColours ? pixels.keepIccProfile() : pixels)
      .timeout({ seconds })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    frames.push({ kind: 'raw', channels: 4, bytes: data, width: info.width, height: info.height })
    await pause()
  }
  return frames
}
