import type { Metadata } from 'sharp'
import { sharp } from '../sharp.js'
import { addMetadata } from '../metadata/png/chunks.js'
import type { Decoder } from '../image/types.js'
import { ImgprocError, throwIfAborted } from '../errors.js'
import { correctPixels, profileOf, readHeifColour } from './heif-colour.js'
import { checkMatrix } from './heif-matrix.js'
import type { FilePixels } from './pixels.js'
import { createHeicWorkers, type Pixels } from './heic-workers.js'

export interface HeicDecoderOptions {
  /** Package or path of a module with the interface of heic-decode. @default 'heic-decode' */
  readonly module?: string
  /** Seconds after which an idle worker ends and frees its memory. With 0 each picture gets a new worker. @default 5 */
  readonly idleSeconds?: number
}

/**
 * Creates a decoder of HEIC and HEIF from phones. It returns a PNG, oriented, with the colours and ICC profile of the
 * source, and converts 10 and 12 bits per channel to 8. One decoder serves a whole process: it decodes two pictures at a
 * time, in worker threads that start at the first one.
 *
 * `decode` throws TOO_MANY_PIXELS, CORRUPT_IMAGE, UNSUPPORTED_FORMAT (also if the optional package heic-decode is not
 * installed), TIMED_OUT, ABORTED, and INTERNAL if a thread crashes.
 *
 * @example
 * ```ts
 * const heic = createHeicDecoder()
 * const bytes = await readFile('photo.heic')
 * const png = await heic.decode(bytes, await sharp(bytes).metadata(), { maxPixels: 1e8, seconds: 60 })
 * ```
 */
export function createHeicDecoder(options: HeicDecoderOptions = {}): Decoder {
  const { module = 'heic-decode', idleSeconds = 5 } = options
  const workers = createHeicWorkers(module, idleSeconds)
  return {
    accepts: ({ format }) => format === 'heic',
    retainedBytes: workers.retainedBytes,
    async decode(bytes, metadata, { signal, maxPixels, seconds, page = metadata.pagePrimary ?? 0 }) {
      throwIfAborted(signal)
      checkPixels(metadata, maxPixels)
      checkNotCutOff(bytes)
      const heif = readHeifColour(bytes)
      checkMatrix(heif.codes)
      const pixels = await workers.decode({ bytes, page }, { signal, seconds })
      await correctPixels(toFilePixels(pixels), heif)
      const { icc = profileOf(heif.colour), exif, xmp } = metadata
      return addMetadata(await encodePng(pixels, metadata.hasAlpha), { icc, exif, xmp })
    },
  }
}

function checkPixels({ width, height }: Metadata, maxPixels: number): void {
  if (width * height <= maxPixels) return
  throw new ImgprocError(
    'TOO_MANY_PIXELS',
    `${width}x${height} is more than the limit of ${maxPixels} pixels. If you trust the file, raise limits.pixels (--limit-pixels).`,
    { stage: 'decode' },
  )
}

/** Throws CORRUPT_IMAGE if a box that holds the picture is cut off: libheif would paint the missing part green. */
function checkNotCutOff(bytes: Uint8Array): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 16 <= file.length;) {
    const [short, type] = [file.readUInt32BE(at), file.toString('latin1', at + 4, at + 8)]
    // 1: the size follows as 64 bits. 0: the box extends to the end of the file. (ISO 14496-12, section 4.2)
    const size = short === 1 ? Number(file.readBigUInt64BE(at + 8)) : short
    if (size < 8) return
    at += size
    // Data that cameras append to the file may be no box.
    if (at > file.length && (type === 'meta' || type === 'mdat')) {
      throw new ImgprocError(
        'CORRUPT_IMAGE',
        `The image is damaged: it ends too early, ${at - file.length} bytes are missing.`,
        { stage: 'decode' },
      )
    }
  }
}

/** Returns the same memory as bytes that are not clamped. */
function toFilePixels({ width, height, data }: Pixels): FilePixels {
  return {
    width,
    height,
    channels: 4,
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
  }
}

function encodePng({ width, height, data }: Pixels, hasAlpha: boolean): Promise<Buffer> {
  const image = sharp(data, { raw: { width, height, channels: 4 }, limitInputPixels: false })
  return (hasAlpha ? image : image.removeAlpha()).png({ compressionLevel: 0 }).toBuffer()
}
