import { countSequenceFrames } from '../metadata/heif/count-frames.js'
import { readHeif } from '../metadata/heif.js'
import {
  isNamedStill,
  readSequence,
  type AvifSequence,
  type SequenceTrack,
} from '../metadata/heif/sequence.js'
import { sharp } from '../sharp.js'
import { checkLimits, NO_PIXELS } from './limits.js'
import type { FailOn, Limits } from './types.js'

/** Frames of an animated AVIF, or the reason why only its first is read. */
export type OpenSequence =
  | { readonly sequence: AvifSequence; readonly onlyFirst?: undefined }
  | { readonly sequence?: undefined; readonly onlyFirst: string }

/**
 * Reads the frames of an animated AVIF, without decoding them. Returns undefined for a still.
 *
 * Throws CORRUPT_IMAGE and TOO_MANY_PIXELS.
 */
export async function openSequence(
  file: Uint8Array,
  { limits, failOn }: { readonly limits: Limits; readonly failOn: FailOn },
): Promise<OpenSequence | undefined> {
  const frames = countSequenceFrames(file)
  if (frames === undefined || readHeif(file)?.codec === 'hvc1') return undefined
  if (isNamedStill(file)) return { onlyFirst: 'Its brand is that of a still, and browsers show it as one.' }
  if (!(await decodesSequences()))
    return { onlyFirst: "This libvips decodes no other: use the one that comes with sharp's npm package." }
  checkLimits({ ...NO_PIXELS, pages: frames }, limits)
  const sequence = readLeniently(file, failOn)
  if (sequence === 'damaged') return { onlyFirst: 'The others are damaged.' }
  if (sequence === undefined || sequence.colour.data.length < 2) return undefined
  checkLimits({ ...sequence, pages: sequence.colour.data.length }, limits)
  const seconds = estimateSeconds(sequence)
  if (seconds <= limits.seconds) return { sequence }
  const advice = `raise limits.seconds (--timeout) to ${seconds}, or convert it to an animated WebP first`
  return {
    onlyFirst: `Many frames depend on each other, so that reading all may take ${seconds} seconds: ${advice}.`,
  }
}

function readLeniently(file: Uint8Array, failOn: FailOn): AvifSequence | 'damaged' | undefined {
  if (failOn !== 'none') return readSequence(file)
  try {
    return readSequence(file)
  } catch {
    return 'damaged'
  }
}

/** Pixels that sharp surely decodes in a second: it were 96 million on one of two cores that other work shared. */
const PIXELS_PER_SECOND = 50e6

/** Estimates the time of decoding all frames: each is decoded with all since its key frame. */
function estimateSeconds({ width, height, colour, alpha }: AvifSequence): number {
  const decoded = [colour, alpha].map((track) => (track === undefined ? 0 : countDecoded(track)))
  return Math.ceil((width * height * decoded.reduce((sum, count) => sum + count, 0)) / PIXELS_PER_SECOND)
}

function countDecoded({ data, keys }: SequenceTrack): number {
  return keys.reduce((sum, key, at) => {
    const frames = (keys[at + 1] ?? data.length) - key
    return sum + (frames * (frames + 1)) / 2
  }, 0)
}

/** The second frame, white, of a sequence that begins with black: written by `fileOfFrame` of a file by avifenc. */
const WHITE_AFTER_BLACK =
  'AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAANVtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAAPkAAAA3AAAAI2lpbmYAAAAAAAEAAAAVaW5mZQIAAAAAAQAAYXYwMQAAAABZaXBycAAAADtpcGNvAAAAFGlzcGUAAAAAAAAAEAAAABAAAAAMYXYxQ4EAHAAAAAATY29scm5jbHgAAQANAAaAAAAAFmlwbWEAAAAAAAAAAQABAwGCAwAAAD9tZGF0EgAKDAAAAAGf+bXyYCGg1DINEACwAAAJAAABfuuC0BIAMhQwA8CAAABGsAAACQAgAAAN2xHRgA=='

let isKnown: Promise<boolean> | undefined

/**
 * Returns true if the decoder of AV1 in this libvips gives the last picture of the data that it gets, as libaom does, and not the
 * first. It is tried once a process, on a picture of 16x16.
 */
export async function decodesSequences(): Promise<boolean> {
  isKnown ??= tryToDecode(Buffer.from(WHITE_AFTER_BLACK, 'base64'))
  return isKnown
}

/** Returns true if a file is decoded, and is white. */
export async function tryToDecode(file: Uint8Array): Promise<boolean> {
  try {
    const { channels } = await sharp(file).stats()
    return channels.every(({ min }) => min > 250)
  } catch {
    return false
  }
}
