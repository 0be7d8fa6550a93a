import type { CustomAnalyzers } from '../analyzers/load-analyzers.js'
import type { PresetName, UserConfig } from '../config/types.generated.js'
import type { CreateEngine } from '../engines/types.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import type { CustomOperations } from '../operations/own/types.js'
import type { JobEvent } from '../jobs/types.js'
import type { PlacementChange } from '../plan/types.js'
import type { CustomStores } from '../stores/load-stores.js'
import type { PipeStoreOptions } from '../stores/pipe.js'

/** The stores that a run reads and writes, and where relative paths begin. */
export interface StoreOptions {
  /** The folder that relative inputs and paths begin in. @default the working directory */
  readonly cwd?: string | undefined
  /** The folder that source paths in the manifest are relative to. @default cwd */
  readonly root?: string | undefined
  /** S3 endpoint, region, credentials and how images are written. @default as the AWS CLI finds them */
  readonly s3?: UserConfig['s3']
  /** Google Cloud Storage: endpoint, project and how images are written. Credentials are the application default ones. */
  readonly gcs?: UserConfig['gcs']
  /** Azure Blob Storage: account, endpoint and how images are written. @default as the Azure CLI finds them */
  readonly azure?: UserConfig['azure']
  /** Your own stores by scheme: the modules that export them, or the stores. */
  readonly stores?: CustomStores | undefined
  /** The streams that `-` stands for as an input and as `out`. */
  readonly pipe?: PipeStoreOptions | undefined
}

/** The keys of a config that a run takes as they are. */
type ConfigOptions = Omit<
  UserConfig,
  '$schema' | 'analyzers' | 'operations' | 'stores' | 's3' | 'gcs' | 'azure'
>

/** Inputs, and the renditions to make of them. */
export interface BatchOptions extends ConfigOptions {
  /** Files, folders, globs and URLs: one, or a list. @default the inputs of `batches` */
  readonly inputs?: string | readonly string[] | undefined
  /** Name or names of presets to make of the inputs. */
  readonly preset?: PresetName | readonly PresetName[] | undefined
  /** Operations: appended to those of each preset, or a rendition of their own if no preset is named. */
  readonly ops?: readonly ImageOp[] | undefined
  /** Replaces the presets' formats. */
  readonly formats?: readonly NonNullable<ImageOp['format']>[] | undefined
  /** Replaces the presets' widths, in pixels. */
  readonly widths?: readonly number[] | undefined
  /** Names of analyzers, besides those of the presets. */
  readonly analyze?: readonly string[] | undefined
  /** Replaces the quality of the formats: 1 to 100, or 'auto'. */
  readonly quality?: number | 'auto' | undefined
  /** Path template of every output. It wins over those of presets and batches. */
  readonly pathForAll?: string | undefined
  /**
   * The one file to write, instead of `out`. Its extension is the format. No manifest is kept unless `manifest` names one.
   */
  readonly outFile?: string | undefined
  /** Accepts inputs that match no image. @default false */
  readonly allowEmpty?: boolean | undefined
}

/** Effects of failed images on a run. */
export interface FailureOptions {
  /**
   * Rejects the run with IMAGES_FAILED if an image has failed. All images are processed, and the manifest is written,
   * before it rejects. The error's `failures` lists them.
   * @default false
   */
  readonly throwOnFailure?: boolean | undefined
  /** Starts no further image after the first failure. @default false */
  readonly bail?: boolean | undefined
  /** Starts no further image after more failures than this: a number such as 20, or a share such as '5%'. @default no limit */
  readonly maxFailures?: number | `${number}%` | undefined
}

/** Options of `run`, `plan` and `watch`: the keys of a config, and those of one run. */
export interface RunOptions extends StoreOptions, BatchOptions, FailureOptions {
  /** Your own analyzers by name: the modules that export them, or the analyzers. */
  readonly analyzers?: CustomAnalyzers | undefined
  /** Your own operations by name: the modules that export them, or the operations. */
  readonly operations?: CustomOperations | undefined
  /**
   * Memory in bytes for all processes of the run together. The memory of a picture is an estimate; a picture that needs
   * more than the whole budget is processed alone. With a small budget, images on disk are processed in a worker process
   * that returns its memory to the system.
   * @default half of the available memory
   */
  readonly memory?: number | undefined
  /** Makes unchanged outputs again. @default false */
  readonly force?: boolean | undefined
  /** Makes outputs of other versions of sharp or libvips again. @default false */
  readonly refresh?: boolean | undefined
  /**
   * Worker processes; 0 processes all images in this process. Fewer are started if `memory` is too small for them. Runs
   * that read or write outside the disk, or whose analyzers or stores are objects, use none.
   * @default by the number of cores for many small images; 1 if memory is short; else 0
   */
  readonly workers?: number | undefined
  /** Removes outputs whose source or preset is gone, or that a newer name replaced. @default false */
  readonly prune?: boolean | undefined
  /** Processes one part of the sources, such as '2/5'. Each shard has its own manifest. @default all sources */
  readonly shard?: string | undefined
  /** Returns the same command with another path template or base, for the advice in an error. */
  readonly suggest?: ((change: PlacementChange) => string) | undefined
  /**
   * Creates the engine that runs the jobs elsewhere, such as in the workers of a queue. Then `concurrency`, `memory` and
   * `workers` have no effect here.
   * @default this process, and worker processes
   */
  readonly engine?: CreateEngine | undefined
  /** Called when a source is started, and when one of its renditions is encoded. */
  readonly onEvent?: ((event: JobEvent) => void) | undefined
  /** Stops the run. Images in work are finished or dropped whole, and the manifest is written. */
  readonly signal?: AbortSignal | undefined
}
