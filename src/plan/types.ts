import type { FailOn, Limits } from '../image/types.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import type { Job, WhenUnsafe } from '../jobs/types.js'
import type { Models } from './needed-analyzers.js'
import type { Shard } from './shard.js'

/** A preset with all its `extends` resolved. */
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
  readonly whenUnsafe?: WhenUnsafe
  /** Names of analyzers to run on each source. */
  readonly analyze?: readonly string[]
}

/** Inputs, and the presets to apply to them. */
export interface PlanBatch {
  /** Files, folders, globs. */
  readonly inputs: readonly string[]
  readonly presets: readonly PresetRecipe[]
  /** Path template that overrides the presets' own. */
  readonly path?: string | undefined
  /** Path template for presets without one. */
  readonly defaultPath?: string | undefined
  /** The folder that `{dir}` is relative to. @default the folder of each input: the folder named, the glob's part without wildcards, or the file's folder */
  readonly base?: string | undefined
  /** Globs of files to ignore. */
  readonly ignore?: readonly string[] | undefined
}

/** Options that place outputs, to replace those of a command. */
export interface PlacementChange {
  /** Path template. */
  readonly path?: string | undefined
  /** The folder that `{dir}` is relative to. */
  readonly base?: string | undefined
}

/** Batches with one output folder. */
export interface PlanRequest {
  readonly batches: readonly PlanBatch[]
  /** The output folder: an absolute path with `/`, or a URL. */
  readonly out: string
  /** The folder that source paths in the manifest are relative to: an absolute path with `/`. */
  readonly root: string
  readonly limits: Limits
  readonly failOn: FailOn
  /** Models of analyzers whose findings operations use. @default none */
  readonly models?: Models | undefined
  readonly baseUrl?: string | undefined
  /** Other output folders, which are not searched for sources either. @default none */
  readonly otherOuts?: readonly string[] | undefined
  /** Returns true for an output of an earlier run, which is never an input. */
  readonly isOutput?: ((ref: string) => boolean) | undefined
  /** The one file to write, if an output folder is not wanted. */
  readonly outFile?: string | undefined
  /** Returns the sources of the outputs that a manifest in a folder lists, by the outputs' refs. */
  readonly listOutputsIn?: ((folder: string) => Promise<ReadonlyMap<string, string>>) | undefined
  /** Accepts inputs without images. @default false */
  readonly allowEmpty?: boolean | undefined
  /** Looks into files with another extension than an image's. @default for prefixes of buckets without any image's extension */
  readonly sniff?: boolean | undefined
  /** Plans only the sources of this shard. @default all */
  readonly shard?: Shard | undefined
  /** The folder that a base is shown relative to. @default root */
  readonly cwd?: string | undefined
  /** Formats the same command with other placement, for the advice in an error. */
  readonly suggest?: ((change: PlacementChange) => string) | undefined
  readonly signal?: AbortSignal | undefined
}

/** A path that no job may write. */
export interface TakenPath {
  /** As made by `keyOf`. */
  readonly key: string
  /** `input` must not be overwritten; `output` is unchanged and stays. */
  readonly kind: 'input' | 'output'
  /** Path of the input, or of the output's source. */
  readonly source: string
}

/** Jobs in their order, such as an array. Those that do not fit into memory are made anew each time they are read. */
export interface JobList extends Iterable<Job> {
  readonly length: number
}

/** The jobs of a run, planned without reading an image. Iterate it to read them one by one, if they may be many. */
export interface Plan extends Iterable<Job> {
  /** One job a source, sorted by the source's path. They are made when the list is first read, and then kept. */
  readonly jobs: readonly Job[]
  /** Number of jobs. */
  readonly length: number
  /** Counts of files that are not images, by extension. */
  readonly ignored: ReadonlyMap<string, number>
  /** Files whose first bytes were read, since their names do not tell. */
  readonly sniffed: number
}
