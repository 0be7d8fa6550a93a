import type { Metadata } from 'sharp'
import { ImgprocError } from '../errors.js'
import { fileOfFrame } from '../metadata/heif/frame-file.js'
import type { AvifSequence } from '../metadata/heif/sequence.js'
import { defuseExif } from '../metadata/exif/defuse-exif.js'
import { nameCodec, readHeif } from '../metadata/heif.js'
import { tameDensity } from '../metadata/tame-density.js'
import { sharp } from '../sharp.js'
import { openSequence } from './avif-sequence.js'
import { completeMetadata } from './complete-metadata.js'
import { explainSharpError, limitSharp } from './explain-sharp-error.js'
import { readJpegMetadata } from './jpeg-metadata.js'
import { readJxlMetadata } from './jxl-metadata.js'
import { checkLimits, NO_PIXELS } from './limits.js'
import type { Decoder, FailOn, Limits, SourceHeader } from './types.js'
import { findUnsupportedJpeg } from './unsupported-jpeg.js'

/** Options for reading a header. */
export interface HeaderOptions {
  readonly limits: Limits
  readonly failOn: FailOn
  readonly decoders?: readonly Decoder[] | undefined
  /** Picture of a file that holds several, from 0 on. @default the main one */
  readonly page?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads the header of a source, and checks its size. The bytes that are returned are the ones to decode: the source, or a
 * copy in which sharp finds the codec, no EXIF that takes long to read, and no absurd density.
 *
 * Throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TOO_MANY_PIXELS, TIMED_OUT.
 */
export async function readSourceHeader(file: Uint8Array, options: HeaderOptions): Promise<SourceHeader> {
  const { sequence, onlyFirst } = (await openSequence(file, options)) ?? {}
  if (sequence !== undefined) return readSequenceHeader(file, sequence, options)
  const defused = defuseExif(file)
  const bytes = tameDensity(nameCodec(defused?.bytes ?? file))
  checkLimits(readHeif(bytes)?.size ?? NO_PIXELS, options.limits)
  const header =
    readJpegMetadata(bytes) ??
    (await readJxlMetadata(bytes, options.limits, options.signal)) ??
    completeMetadata(bytes, await readHeader(bytes, options))
  const metadata = defused === undefined ? header : { ...header, exif: defused.exif }
  checkLimits(metadata, options.limits)
  return { bytes, metadata, format: formatOf(metadata), onlyFirst }
}

/** Reads the header of an animated AVIF: that of its first frame, its times, and the metadata of its still picture. */
async function readSequenceHeader(
  file: Uint8Array,
  sequence: AvifSequence,
  options: HeaderOptions,
): Promise<SourceHeader> {
  const bytes = fileOfFrame(sequence, 0)
  const { delay, loop } = sequence
  const defused = defuseExif(file)
  const hasStill = readHeif(file) !== undefined
  const own = hasStill ? await readHeader(nameCodec(defused?.bytes ?? file), options) : undefined
  const texts = { exif: defused?.exif ?? own?.exif, xmp: own?.xmp }
  const timeline = { pages: delay.length, delay: [...delay], loop }
  const metadata = { ...(await readHeader(bytes, options)), ...texts, ...timeline }
  return { bytes, metadata, format: 'avif', sequence }
}

function formatOf({ format, compression }: Metadata): string {
  if (format !== 'heif') return format
  return compression === 'av1' ? 'avif' : 'heic'
}

/** Reads a header by sharp. Throws CORRUPT_IMAGE, UNSUPPORTED_FORMAT, TIMED_OUT. */
export async function readHeader(
  bytes: Uint8Array,
  { limits, failOn, decoders = [], page }: HeaderOptions,
): Promise<Metadata> {
  refuseUnsupportedJpeg(bytes)
  // Without a limit of pixels, so that checkLimits can report the size. Reading a header takes little memory.
  const options = { failOn, limitInputPixels: false, ...(page !== undefined && { page }) }
  const header = sharp(bytes, options).metadata()
  return limitSharp(header, limits.seconds, 'decode').catch((error: unknown) => {
    for (const decoder of decoders) {
      const own = decoder.readHeader?.(bytes, page)
      if (own !== undefined) return own
    }
    throw explainSharpError(error, 'decode', failOn)
  })
}

/** Throws UNSUPPORTED_FORMAT for a JPEG of a kind that libjpeg-turbo does not read. It is not damaged. */
function refuseUnsupportedJpeg(bytes: Uint8Array): void {
  const reason = findUnsupportedJpeg(bytes)
  if (reason === undefined) return
  const message = `The JPEG ${reason}, which is not supported. Convert it to a baseline JPEG or a PNG of 8 or 16 bits.`
  throw new ImgprocError('UNSUPPORTED_FORMAT', message, { stage: 'decode' })
}
