import { dirname, resolve } from 'node:path'
import { findConfigFile } from './find-config.js'
import type { Config } from './schema.js'
import { parseConfig } from './validate-config.js'

export interface LoadConfigOptions {
  /** Folder where the search starts. */
  readonly cwd: string
  /** Config file, relative to `cwd`. If given, there is no search. */
  readonly file?: string | undefined
}

/** A validated config, and the folder that its relative paths refer to. */
export interface LoadedConfig {
  readonly config: Config
  /** Absolute path; undefined without a config file. */
  readonly file?: string
  /** Folder of the config file, or `cwd` without one. */
  readonly root: string
}

/**
 * Reads and validates the named config file, or the nearest one from `cwd` upward. Returns an empty config if none is
 * found. Throws INVALID_CONFIG with the file and all its mistakes.
 *
 * @example
 * ```ts
 * const { config, root } = await loadConfig({ cwd: process.cwd() })
 * ```
 */
export async function loadConfig({ cwd, file }: LoadConfigOptions): Promise<LoadedConfig> {
  const found = await findConfigFile(cwd, file)
  if (found === undefined) return { config: {}, root: resolve(cwd) }
  return { config: parseConfig(found.content, found), file: found.file, root: dirname(found.file) }
}
