import type { FailOn, Limits } from '../image/types.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import type { Job } from '../jobs/types.js'
import type { Shard } from './shard.js'

/** A preset, with everything that it extends filled in. */
export interface PresetRecipe {
  readonly name: string
  readonly ops: readonly ImageOp[]
  /** Pixels; each makes a rendition, resized after `ops`. */
  readonly widths?: readonly number[]
  /** Each makes a rendition. */
  readonly formats?: readonly NonNullable<ImageOp['format']>[]
  /** Run after the resize to a width. */
  readonly after?: readonly ImageOp[]
  /** Path template of the outputs. */
  readonly path?: string
  readonly skipSmaller?: boolean
  /** Names of analyzers that look at each source. */
  readonly analyze?: readonly string[]
}

/** Sources, and what is to be made of each. */
export interface PlanBatch {
  /** Files, folders, globs. */
  readonly inputs: readonly string[]
  readonly presets: readonly PresetRecipe[]
  /** Wins over the presets' own path templates. */
  readonly path?: string | undefined
  /** For presets that have none. */
  readonly defaultPath?: string | undefined
  /** The folder that `{dir}` is relative to; by default the deepest that holds every input's fixed part. */
  readonly base?: string | undefined
  /** Globs to leave out. */
  readonly ignore?: readonly string[] | undefined
}

/** What is to be planned: batches into one output folder. */
export interface PlanRequest {
  readonly batches: readonly PlanBatch[]
  /** The output folder: absolute, with `/`. */
  readonly out: string
  /** The folder that source paths in the manifest are relative to: absolute, with `/`. */
  readonly root: string
  readonly limits: Limits
  readonly failOn: FailOn
  readonly baseUrl?: string | undefined
  /** Folders of other outputs, which are not entered either. @default none */
  readonly otherOuts?: readonly string[] | undefined
  /** Whether a file is an output of earlier runs, and so never an input. */
  readonly isOutput?: ((ref: string) => boolean) | undefined
  readonly allowEmpty?: boolean | undefined
  /** Which of the sources are meant, where they are shared out. */
  readonly shard?: Shard | undefined
  /** The same command with another path template, for the advice in an error. */
  readonly suggest?: ((path: string) => string) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What is to be made. No image has been opened for it. */
export interface Plan {
  /** One a source, sorted by the source's path. */
  readonly jobs: readonly Job[]
  /** Files that turned up and are no images, counted by extension. */
  readonly ignored: ReadonlyMap<string, number>
}
