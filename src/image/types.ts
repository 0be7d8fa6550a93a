import type { Metadata } from 'sharp'
import type { AvifSequence } from '../metadata/heif/sequence.js'
import type { OutputFormat } from '../operations/image-op.generated.js'

/** Limits for one image. */
export interface Limits {
  /** Pixels of a frame, times frames, of the source and of each result. @default 268402689 */
  readonly pixels: number
  /** Bytes of a source. @default 268435456 */
  readonly bytes: number
  /** Frames of an animation. @default 1000 */
  readonly frames: number
  /**
   * Seconds for each step: reading the header, decoding, a pass through sharp, an encoder, an analyzer, a call of a
   * custom store.
   * @default 60
   */
  readonly seconds: number
}

/** Lowest level of damage that counts as a failure, as in sharp; `none` decodes what it can. */
export type FailOn = 'none' | 'truncated' | 'error' | 'warning'

/** Choices made while encoding, if the operations left them open. */
export interface EncodingDetails {
  /** Quality chosen by `maxBytes` or `quality: 'auto'`. */
  readonly quality?: number
  /** Structural similarity (SSIM) to the picture before encoding, measured by `quality: 'auto'`; at most 1. */
  readonly similarity?: number
  /** Metadata that could not be kept, and parts of the source that the renderer leaves out. */
  readonly warnings?: readonly string[]
  /** Set if `preview` was given and the output was made from the embedded preview. */
  readonly preview?: 'embedded'
  /** The page, frame or picture of the source that a still shows, from 0 on, if the source has several. */
  readonly page?: number
  /** Pages, frames or pictures in the source of a still, if there are several. */
  readonly sourcePages?: number
}

/** Facts about an encoded image, read from the header of its bytes. */
export interface ImageInfo extends EncodingDetails {
  readonly format: OutputFormat
  readonly mime: string
  /** Pixels, for one frame of an animation. */
  readonly width: number
  readonly height: number
  readonly bytes: number
  readonly channels: number
  readonly hasAlpha: boolean
  /** Number of frames in the file: encoders join equal frames. Undefined for a still image. */
  readonly pages?: number
  /** Milliseconds of each frame in the file. Undefined for a still image. */
  readonly delay?: readonly number[]
  /** Number of times it plays; 0 is endless. Undefined for a still image. */
  readonly loop?: number
}

/** An encoded image. */
export interface Rendered {
  /** Its bytes, as `Response`, `Blob` and other web APIs take them. */
  readonly data: Buffer<ArrayBuffer>
  readonly info: ImageInfo
}

/** Limits CPU work to the cores and memory of the machine. */
export interface Compute {
  /**
   * Waits for a free core and memory, then runs work that needs a core: decoding, operations, encoding. Reads and writes do
   * not wait, so more jobs may be in progress than there are cores.
   *
   * @param bytes estimate of the memory that the work takes.
   */
  <T>(work: () => Promise<T>, bytes: number): Promise<T>
  /** Counts memory that is held between two runs. Call the returned function to release it. */
  readonly reserve: (bytes: number) => () => void
}

/** A source before it is decoded. */
export interface SourceHeader {
  readonly bytes: Uint8Array
  readonly metadata: Metadata
  /** sharp's format, but avif or heic instead of `heif`. */
  readonly format: string
  /** Frames of an animated AVIF, the first of which the bytes hold as a still. */
  readonly sequence?: AvifSequence | undefined
  /** Why only the first frame of an animated AVIF is read, as a sentence. */
  readonly onlyFirst?: string | undefined
}

/** Converts a source that sharp does not read, or reads wrongly, into a file that it reads right. */
export interface Decoder {
  /** Returns true if this decoder reads the source. The first decoder that accepts a source gets it; sharp gets the rest. */
  accepts(source: SourceHeader): boolean
  /** Returns the header of a source that sharp does not open at all; undefined if the source is not this decoder's. */
  readonly readHeader?: (bytes: Uint8Array, page?: number) => Metadata | undefined
  /** Bytes of memory per pixel that decoding takes. @default by the format */
  readonly bytesPerPixel?: number
  /** Returns the bytes it keeps for the next picture. @default none */
  readonly retainedBytes?: () => number
  /** Returns a file that sharp reads, with the source's ICC profile, EXIF and XMP. It is upright, or says its orientation. */
  decode(bytes: Uint8Array, metadata: Metadata, options: DecoderOptions): Promise<Uint8Array>
}

export interface DecoderOptions {
  readonly signal?: AbortSignal | undefined
  readonly maxPixels: number
  /** Time limit of the decoding itself, without waiting for a worker; 0 for none. */
  readonly seconds: number
  /** Lowest level of damage that counts as a failure. @default 'error' */
  readonly failOn?: FailOn | undefined
  /** Picture of a file that holds several, from 0 on. @default the main one */
  readonly page?: number | undefined
}
