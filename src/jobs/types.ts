import type { Analysis } from '../analyzers/analysis.js'
import type { ErrorRecord } from '../errors.js'
import type { ImageOp, OutputFormat } from '../operations/image-op.generated.js'
import type { Source } from '../stores/types.js'
import type { Limits, FailOn, EncodingDetails } from '../image/types.js'

/** The reason why a rendition is rendered. */
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

/** Policy for sources that the analyzer `moderation` finds unsafe. */
export interface WhenUnsafe {
  /** Score from which a source is unsafe, 0 to 1. */
  readonly moderation: number
  readonly do: 'skip' | 'blur' | 'fail'
}

/** A planned output of a source. */
export interface Rendition {
  readonly preset: string
  /** Output path below the output folder, with `/`. Tokens that depend on the encoded picture are not filled yet. */
  readonly target: string
  readonly ops: readonly ImageOp[]
  /** Canonical hash of everything but the source that can change a byte of the output. */
  readonly recipe: string
  /** Planned width in pixels, if the preset has widths. */
  readonly width?: number
  /** Smaller widths of the same preset and format. If the picture is no wider than one of these, this is skipped. */
  readonly narrower?: readonly number[]
  /** Index in `ops` of the resize to that width. */
  readonly widthAt?: number
  /** Largest width of the preset, if the other widths may be rendered from its pixels. */
  readonly sharedWidth?: number
  /** Skips the rendition if it would not be smaller than the source. */
  readonly skipSmaller?: true
  readonly whenUnsafe?: WhenUnsafe
  /** Reason to render it, if there is a manifest of earlier runs. */
  readonly reason?: Reason
  /** Path of its output in the last run, if the target has unfilled tokens. */
  readonly before?: string
}

/** One source and all its renditions. Plain JSON. */
export interface Job {
  /** Id of the source in the manifest: a hash of `path`. */
  readonly id: string
  /** Path of the source in the manifest. */
  readonly path: string
  readonly source: Source
  readonly renditions: readonly Rendition[]
  /** Results of renditions that are not rendered in this run: unchanged, skipped, or failed again. */
  readonly settled?: readonly OutputResult[]
  /** Set if the source is unchanged since the last run, by its fingerprint or its content. */
  readonly isSame?: true
  /** Output folder: a path or a URL. */
  readonly out: string
  /** Prefix of an output's path that makes its `url`. */
  readonly baseUrl?: string
  /** Names of the analyzers to run on the source. */
  readonly analyze: readonly string[]
  /** Findings of earlier runs about the same source that renditions use. */
  readonly known?: Analysis
  readonly limits: Limits
  readonly failOn: FailOn
}

/** A sign of a job in work: it was started, or one of its renditions is encoded. */
export interface JobEvent {
  readonly kind: 'started' | 'rendition'
  readonly job: Job
}

/** A written output. */
export interface Output extends EncodingDetails {
  readonly preset: string
  /** Below the output folder, with `/`. */
  readonly path: string
  /** Only with `baseUrl`. */
  readonly url?: string
  readonly format: OutputFormat
  readonly mime: string
  /** Pixels. */
  readonly width: number
  /** Pixels of one frame. */
  readonly height: number
  /** Frames of an animation as written: encoders join equal frames. Absent for a still. */
  readonly pages?: number
  /** Milliseconds of each frame of an animation as written. */
  readonly delay?: readonly number[]
  /** Number of times an animation plays; 0 is endless. */
  readonly loop?: number
  readonly bytes: number
  /** `sha256:` and the SHA-256 of its bytes, in hex digits. */
  readonly hash: string
  /** Hash of everything but the source that can change its bytes. */
  readonly recipe: string
}

/** The result of one rendition. Failures are data. */
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

/** Facts of a source after it was read. */
export interface SourceFacts {
  readonly bytes: number
  readonly width?: number
  readonly height?: number
  readonly format?: string
  readonly hash?: string
}

/** The result of a job. */
export interface Result {
  readonly job: Job
  /** `partial`: some outputs failed. `skipped`: all renditions were skipped. */
  readonly status: 'ready' | 'partial' | 'failed' | 'skipped'
  readonly source?: SourceFacts
  readonly outputs: readonly OutputResult[]
  /** Findings of the analyzers, by name. */
  readonly analysis?: Analysis
  /** Analyzers that failed. */
  readonly analysisErrors?: readonly { readonly name: string; readonly error: ErrorRecord }[]
  /** The error that failed the whole source. */
  readonly error?: ErrorRecord
  /** Milliseconds from the start of reading to the end of writing. */
  readonly ms: number
}
