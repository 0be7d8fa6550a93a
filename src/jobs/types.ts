import type { ErrorRecord } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import type { Source } from '../stores/types.js'
import type { Limits, FailOn, EncodingDetails } from '../image/types.js'

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
  readonly sharedWidth?: number
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

/** A file that was written. */
export interface Output extends EncodingDetails {
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
