import type { CustomAnalyzers } from './analyzers/load.js'
import type { UserConfig } from './config/user-config.js'
import type { ImageOp } from './ops/image-op.js'
import type { CustomStores } from './stores/load.js'
import type { PipeStoreOptions } from './stores/pipe.js'

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
  /** Makes again what is unchanged. @default false */
  readonly force?: boolean | undefined
  /** Makes again what another version of sharp or libvips has made. @default false */
  readonly refresh?: boolean | undefined
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
