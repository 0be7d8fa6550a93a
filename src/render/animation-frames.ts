import { sharp } from '../sharp.js'
import type { Encoding, FormatType } from '../operations/settings/format.js'
import type { Picture } from '../picture.js'
import { encode } from './encode/encoder.js'
import type { EncodedFile } from './encode/types.js'
import { isAccepted, setTimeline, standIn, type Timeline } from './encode/timeline.js'
import { addMetadata } from '../metadata/png/chunks.js'
import { keepMetadata } from './passes/run-pass.js'
import type { PixelSource, PassOptions } from './passes/types.js'
import { decodeSequence } from './sequence-frames.js'
import { composeWebp, findWronglyBlended } from './webp-frames.js'
import { sharpOptions, type OpenImage } from '../image/open-image.js'

const RGBA = 4

/**
 * Decodes the frames of an animation as RGBA. Frames that cover only a part are completed.
 *
 * @param only index of the one frame to decode. @default all
 */
export async function decodeFrames(
  source: OpenImage,
  keepColours: boolean,
  timeout: number,
  only?: number,
): Promise<PixelSource[]> {
  if (source.sequence !== undefined)
    return decodeSequence(source, source.sequence, { keepColours, seconds: timeout, only })
  const blended = findWronglyBlended(source)
  if (blended !== undefined) {
    const frames = await composeWebp(source, blended, keepColours, timeout)
    const wanted = only === undefined ? frames : frames.slice(only, only + 1)
    return wanted.map((pixels) => ({ kind: 'raw', ...pixels }))
  }
  const { bytes, options } = source
  const range = only === undefined ? { animated: true } : { page: only, pages: 1 }
  const image = sharp(bytes, { ...sharpOptions(options), ...range })
  const { data, info } = await (keepColours ? image.keepIccProfile() : image)
    .timeout({ seconds: timeout })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, pages = 1, height } = info
  const frameHeight = height / pages
  const size = width * frameHeight * RGBA
  return Array.from({ length: pages }, (_, index) => ({
    kind: 'raw',
    channels: 4,
    // sharp stacks frames vertically, so each is one range of bytes.
    bytes: data.subarray(index * size, (index + 1) * size),
    width,
    height: frameHeight,
  }))
}

/** Stills that make an animation. */
export interface FrameStrip {
  /** PNG files. */
  readonly frames: readonly PixelSource[]
  readonly picture: Picture
  /** The source of the timeline and the ICC profile. */
  readonly image: OpenImage
}

/** Encodes stills as an animation with the source's timeline and the metadata that is kept. */
export async function encodeFrames(
  { frames, picture, image }: FrameStrip,
  format: Encoding,
  options: PassOptions,
): Promise<EncodedFile> {
  const { delay, loop, icc } = image.metadata
  const { keep } = options
  // An RGB profile would make a grey PNG invalid.
  const stills = picture.space === 'grey' ? await Promise.all(frames.map(toColour)) : frames.map(toBytes)
  // sharp takes the metadata of the first frame.
  const first = addMetadata(stills[0]!, { icc: keep.icc ? icc : undefined })
  const joined = sharp([first, ...stills.slice(1)], { join: { animated: true }, limitInputPixels: false })
  const timeline: Timeline = { ...(delay !== undefined && { delay }), ...(loop !== undefined && { loop }) }
  const encodeWith = async (times: Timeline) => {
    const out = keepMetadata(joined.clone(), options)
    return encode(out, format, { ...picture, space: 'rgb' }, { ...options, timeline: times })
  }
  const { data, info } = await encodeTimeline(encodeWith, format.type, timeline)
  return { data: await options.attach(data, format.type), info }
}

/** Encodes an animation with a timeline that sharp may refuse: such values are written into the encoded file. */
async function encodeTimeline(
  encodeWith: (times: Timeline) => Promise<EncodedFile>,
  type: FormatType,
  timeline: Timeline,
): Promise<EncodedFile> {
  if (isAccepted(timeline) || (type !== 'gif' && type !== 'webp')) return encodeWith(timeline)
  const encoded = await encodeWith(standIn(timeline))
  if (setTimeline(encoded.data, type, timeline)) return encoded
  const separate = await encodeWith({ ...standIn(timeline), keepDuplicateFrames: true })
  setTimeline(separate.data, type, timeline)
  return separate
}

function toBytes({ bytes }: PixelSource): Uint8Array {
  return bytes
}

async function toColour({ bytes }: PixelSource): Promise<Uint8Array> {
  return sharp(bytes, { limitInputPixels: false })
    .toColourspace('srgb')
    .png({ compressionLevel: 0 })
    .toBuffer()
}
