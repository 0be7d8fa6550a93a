import type { CustomAnalyzers } from '../analyzers/load-analyzers.js'
import type { UserConfig } from '../config/types.generated.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import type { CustomStores } from '../stores/load-stores.js'
import type { PipeStoreOptions } from '../stores/pipe.js'

/** What `run` may be told: a config's keys, and what is particular to this run. */
export interface RunOptions extends Omit<UserConfig, '$schema' | 'analyzers' | 'stores'> {
  /** Files, folders, globs; where this isn't given, the `batches` are made. */
  readonly inputs?: readonly string[] | undefined
  /** Names of presets to make of the inputs. */
  readonly preset?: string | readonly string[] | undefined
  /** Operations: behind those of each preset, or a rendition of their own without one. */
  readonly ops?: readonly ImageOp[] | undefined
  /** Replaces the presets' formats. */
  readonly formats?: readonly NonNullable<ImageOp['format']>[] | undefined
  /** Replaces the presets' widths. */
  readonly widths?: readonly number[] | undefined
  /** Names of analyzers, besides those of the presets. */
  readonly analyze?: readonly string[] | undefined
  /** Analyzers of your own by name: the modules that export them, or the analyzers. */
  readonly analyzers?: CustomAnalyzers | undefined
  /** Stores of your own by scheme: the modules that export them, or the stores. */
  readonly stores?: CustomStores | undefined
  /** What `-` stands for as an input and as `out`. */
  readonly pipe?: PipeStoreOptions | undefined
  /** Replaces the quality of the formats. */
  readonly quality?: number | 'auto' | undefined
  /** Path template of every output, whatever presets and batches say. */
  readonly pathForAll?: string | undefined
  /**
   * About what bytes the run may take, of all its processes together: what pictures take is estimated. Where that isn't
   * much, images on the disk are made in a worker process, which gives back what it no longer needs. A picture that
   * takes more is made alone.
   * @default half of what is free
   */
  readonly memory?: number | undefined
  /** Makes again what is unchanged. @default false */
  readonly force?: boolean | undefined
  /** Makes again what another version of sharp or libvips has made. @default false */
  readonly refresh?: boolean | undefined
  /**
   * Processes that the images are shared out to, fewer where `memory` isn't enough for them; 0 for none but this one.
   * A run stays in this one where it reads or writes elsewhere than on the disk, or has analyzers or stores that are
   * objects. @default by the number of cores where the images are many and small; 1 where memory is short; else 0
   */
  readonly workers?: number | undefined
  /** Removes outputs whose source is gone, whose preset left the config, or that a newer name superseded. @default false */
  readonly prune?: boolean | undefined
  /** Begins no further image when one has failed. @default false */
  readonly bail?: boolean | undefined
  /** Begins no further image when more than so many have failed, such as 20 or '5%' of all. @default no limit */
  readonly maxFailures?: number | `${number}%` | undefined
  /** Makes only every n-th source, such as '2/5': the second fifth. It has a manifest of its own. @default all of them */
  readonly shard?: string | undefined
  /** Whether an input may turn up nothing. @default false */
  readonly allowEmpty?: boolean | undefined
  /** The folder that relative inputs and paths begin in. @default the working directory */
  readonly cwd?: string | undefined
  /** The folder that source paths in the manifest are relative to. @default cwd */
  readonly root?: string | undefined
  /** The same command with another path template, for the advice in an error. */
  readonly suggest?: ((path: string) => string) | undefined
  /** Stops the run: what is in work is dropped or finished whole, and the manifest is written. */
  readonly signal?: AbortSignal | undefined
}
