import type { Metadata } from 'sharp'

/** What one image may cost. */
export interface Limits {
  /** Pixels of a frame, times frames, going in or coming out. @default 268402689 */
  readonly pixels: number
  /** Bytes of a source. @default 268435456 */
  readonly bytes: number
  /** Frames of an animation. @default 1000 */
  readonly frames: number
  /** Seconds for each trip through sharp. @default 60 */
  readonly seconds: number
}

/** How much damage of a source is forgiven, in sharp's words. */
export type FailOn = 'none' | 'truncated' | 'error' | 'warning'

/** What was found on the way, where the operations left it open. */
export interface EncodingDetails {
  /** What `maxBytes` or `quality: 'auto'` came to. */
  readonly quality?: number
  /** What `quality: 'auto'` measured: the structural similarity (SSIM) to the picture before it was encoded, 1 at most. */
  readonly similarity?: number
  /** Where `preview` was asked for and the picture had one that was good enough. */
  readonly preview?: 'embedded'
}

/** What is known of an encoded image, read from the header of its bytes. */
export interface ImageInfo extends EncodingDetails {
  /** jpeg, png, webp, avif, gif or tiff */
  readonly format: string
  readonly mime: string
  /** Pixels; of one frame where there are several. */
  readonly width: number
  readonly height: number
  readonly bytes: number
  readonly channels: number
  readonly hasAlpha: boolean
  /** Frames, where there are several. */
  readonly pages?: number
}

/** An encoded image. */
export interface Rendered {
  readonly data: Buffer
  readonly info: ImageInfo
}

/** Keeps what takes a core and memory to as much as there is of both. */
export interface Compute {
  /**
   * Waits for its turn, and does what takes a core: decoding, operations, encoding. Reading and writing go on beside it,
   * so that more may be in flight than there are cores.
   *
   * @param bytes about as much memory as the work takes.
   */
  <T>(work: () => Promise<T>, bytes: number): Promise<T>
  /** Counts memory that is held from one turn to the next, until what it returns is called. */
  readonly reserve: (bytes: number) => () => void
}

/** Turns what sharp can't decode into what it can. */
export interface Decoder {
  /** In the words of `OpenImage.format`. */
  readonly formats: readonly string[]
  /** Bytes that it keeps for the next picture. @default none */
  readonly retainedBytes?: () => number
  /** A file that sharp reads, upright, with the source's ICC profile, EXIF and XMP. */
  decode(bytes: Uint8Array, metadata: Metadata, options: DecoderOptions): Promise<Uint8Array>
}

export interface DecoderOptions {
  readonly signal?: AbortSignal | undefined
  readonly maxPixels: number
  /** How long it may take; 0 for as long as it likes. */
  readonly seconds: number
}
