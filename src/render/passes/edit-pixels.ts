import type { Sharp } from 'sharp'
import { sharp } from '../../sharp.js'
import { addMetadata } from '../../metadata/png/chunks.js'
import type { OwnPixels } from '../../operations/own/types.js'
import type { Picture } from '../../picture.js'
import { explainErrors } from './explain-errors.js'
import type { PlannedPass } from './plan-passes.js'
import { colourspace, keepMetadata, openPixelSource } from './run-pass.js'
import type { PassOptions, PixelSource } from './types.js'

/**
 * Runs the pass of an operation on raw pixels, and returns a pipeline of its result, with the metadata of the pass. Returns
 * the pipeline of any other pass unchanged.
 *
 * Throws INVALID_OPERATION or TIMED_OUT with the operation and its module if it fails.
 */
export async function editPixels(
  image: Sharp,
  { steps, from, to }: PlannedPass,
  source: PixelSource,
  options: PassOptions,
): Promise<Sharp> {
  const [step] = steps
  const { op, params } = step?.operation ?? {}
  if (op?.edit === undefined) return image
  const pixels = await explainErrors(decode(image, from), source, options.timeout)
  const edited = await op.edit(pixels, params, {
    from,
    to,
    seconds: options.timeout,
    fromSrgb: options.fromSrgb,
  })
  const { data, width, height, channels } = edited
  const stored = to.space === 'grey' ? toGrey(edited) : { data, channels }
  const raw = { width, height, channels: stored.channels }
  const png = await sharp(stored.data, { raw, limitInputPixels: false })
    .toColourspace(colourspace(to))
    .png({ compressionLevel: 0 })
    .toBuffer()
  // sharp attaches no profile to raw pixels.
  const bytes = options.keep.icc ? addMetadata(png, { icc: await profileOf(source) }) : png
  const opened = openPixelSource({ kind: 'stored', bytes }, false).timeout({ seconds: options.timeout })
  return keepMetadata(opened, options)
}

async function decode(image: Sharp, { alpha, depth }: Picture): Promise<OwnPixels> {
  const isDeep = depth === 16
  const { data, info } = await (alpha ? image.ensureAlpha() : image.removeAlpha())
    .toColourspace(isDeep ? 'rgb16' : 'srgb')
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  return {
    // No Buffer, whose constructor differs from that of other arrays.
    data: isDeep
      ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2)
      : new Uint8Array(data.buffer, data.byteOffset, data.length),
    width,
    height,
    channels: alpha ? 4 : 3,
    depth,
  }
}

/** Returns one channel of a grey picture, besides alpha. */
function toGrey({ data, channels, depth }: OwnPixels): Pick<OwnPixels, 'data'> & { channels: 1 | 2 } {
  const kept = channels === 4 ? [0, 3] : [0]
  const pixels = data.length / channels
  const grey = depth === 16 ? new Uint16Array(pixels * kept.length) : new Uint8Array(pixels * kept.length)
  for (let pixel = 0, at = 0; pixel < pixels; pixel++)
    for (const channel of kept) grey[at++] = data[pixel * channels + channel]!
  return { data: grey, channels: channels === 4 ? 2 : 1 }
}

/** Returns the profile that the pixels of a pass have kept. */
async function profileOf(source: PixelSource): Promise<Uint8Array | undefined> {
  if (source.kind === 'source') return source.image.metadata.icc
  return source.kind === 'stored' ? (await sharp(source.bytes).metadata()).icc : undefined
}
