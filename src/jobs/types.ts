import type { Metadata } from 'sharp'
import type { ErrorRecord } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'

export type * from '../stores/types.js'

/** Where an image comes from, as its store lists it. */
export interface Source {
  /** A path or URL that the store of its scheme reads. */
  readonly ref: string
  /** Bytes. */
  readonly size: number
  /** ISO 8601, to the store's precision. */
  readonly modified?: string
  readonly etag?: string
}

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

/** Why a rendition is made. */
export type Reason =
  | 'new'
  | 'source changed'
  | 'recipe changed'
  | 'path changed'
  | 'output missing'
  | 'output changed'
  | 'failed before'
  | 'other versions'
  | 'forced'

/** One output to be made from a source. */
export interface Rendition {
  readonly preset: string
  /** The output's path below the output root, with `/`. What only the picture tells is still a token in it. */
  readonly target: string
  readonly ops: readonly ImageOp[]
  /** The canonical hash of everything that can change a pixel or byte of it. */
  readonly recipe: string
  /** The width in pixels that it was planned for, where the preset has widths. */
  readonly width?: number
  /** The smaller widths of the same preset and format: the first that the picture reaches stands for all above. */
  readonly narrower?: readonly number[]
  /** Where in `ops` the resize to that width stands. */
  readonly widthAt?: number
  /** The largest of the preset's widths, where its pixels may be what the others are made from. */
  readonly level?: number
  /** A source that the rendition wouldn't make smaller gets none. */
  readonly skipSmaller?: true
  /** Why it is made, where there is a manifest that tells of earlier runs. */
  readonly reason?: Reason
  /** The path that it had before, where the target leaves something open. */
  readonly before?: string
}

/** All that is to be made from one source: plain JSON. */
export interface Job {
  /** The source's identity in the manifest: a hash of `path`. */
  readonly id: string
  /** The source's path in the manifest. */
  readonly path: string
  readonly source: Source
  readonly renditions: readonly Rendition[]
  /** What is known of its other renditions, and made no more: they are unchanged, skipped, or fail again. */
  readonly settled?: readonly OutputResult[]
  /** The source is as the manifest tells of it, as far as its store can tell without reading it. */
  readonly isSame?: true
  /** Where targets are written: a folder or URL. */
  readonly out: string
  /** What goes before an output's path to make its `url`. */
  readonly baseUrl?: string
  /** Names of the analyzers that look at the source. */
  readonly analyze: readonly string[]
  readonly limits: Limits
  readonly failOn: FailOn
}

/** What was found on the way, where the operations left it open. */
export interface Found {
  /** What `maxBytes` or `quality: 'auto'` came to. */
  readonly quality?: number
  /** What `quality: 'auto'` measured: the structural similarity (SSIM) to the picture before it was encoded, 1 at most. */
  readonly similarity?: number
  /** Where `preview` was asked for and the picture had one that was good enough. */
  readonly preview?: 'embedded'
}

/** A file that was written. */
export interface Output extends Found {
  readonly preset: string
  /** Below the output folder, with `/`. */
  readonly path: string
  readonly url?: string
  readonly format: string
  readonly mime: string
  /** Pixels. */
  readonly width: number
  /** Pixels, of one frame. */
  readonly height: number
  /** Frames of an animation. */
  readonly pages?: number
  readonly bytes: number
  /** `sha256:` and the hash of its bytes. */
  readonly hash: string
  /** The hash of everything but the source that decided its bytes. */
  readonly recipe: string
}

/** What is known of an encoded image, read from the header of its bytes. */
export interface ImageInfo extends Found {
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

/** What became of one rendition. Failures are data. */
export type OutputResult =
  | ({ readonly action: 'written' } & Output)
  | ({ readonly action: 'unchanged' } & Output)
  | {
      readonly action: 'skipped'
      readonly preset: string
      readonly path: string
      readonly recipe: string
      readonly reason: string
    }
  | {
      readonly action: 'failed'
      readonly preset: string
      readonly path: string
      readonly recipe: string
      readonly error: ErrorRecord
    }

/** What is known of a source once it was read. */
export interface SourceFacts {
  readonly bytes: number
  readonly width?: number
  readonly height?: number
  readonly format?: string
  readonly hash?: string
}

/** What became of a job. */
export interface Result {
  readonly job: Job
  /** `partial`: some of its outputs failed. `skipped`: none was wanted of this source. */
  readonly status: 'ready' | 'partial' | 'failed' | 'skipped'
  readonly source?: SourceFacts
  readonly outputs: readonly OutputResult[]
  /** What analyzers found, by their names. */
  readonly analysis?: Readonly<Record<string, unknown>>
  /** Analyzers that failed. */
  readonly analysisErrors?: readonly { readonly name: string; readonly error: ErrorRecord }[]
  /** Why the source as a whole failed. */
  readonly error?: ErrorRecord
  /** Milliseconds from reading to the last write. */
  readonly ms: number
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
  readonly hold: (bytes: number) => () => void
}

/** Turns what sharp can't decode into what it can. */
export interface Decoder {
  /** In the words of `OpenImage.format`. */
  readonly formats: readonly string[]
  /** Bytes that it keeps for the next picture. @default none */
  readonly kept?: () => number
  /** A file that sharp reads, upright, with the source's ICC profile, EXIF and XMP. */
  decode(bytes: Uint8Array, metadata: Metadata, options: DecoderOptions): Promise<Uint8Array>
}

/** Bare pixels of 8 bits a channel, row by row. */
export interface RawPixels {
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
  readonly channels: 3 | 4
}

export interface DecoderOptions {
  readonly signal?: AbortSignal | undefined
  readonly maxPixels: number
  /** How long it may take; 0 for as long as it likes. */
  readonly seconds: number
}

/** Decides where and how many at once; knows nothing of what a job does. */
export interface Engine {
  run(jobs: AsyncIterable<Job> | Iterable<Job>, options?: EngineOptions): AsyncIterable<Result>
}

export interface EngineOptions {
  readonly signal?: AbortSignal | undefined
}
