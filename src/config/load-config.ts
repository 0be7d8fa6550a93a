import { dirname, resolve } from 'node:path'
import { findConfigFile } from './find-config.js'
import type { Config } from './schema.js'
import { parseConfig } from './validate-config.js'

export interface LoadConfigOptions {
  /** The folder that the search starts from. */
  readonly cwd: string
  /** The config file, relative to `cwd`: nothing is searched. */
  readonly file?: string | undefined
}

/** A valid config and what its relative paths are relative to. */
export interface LoadedConfig {
  readonly config: Config
  /** Absolute; undefined where there is no config file. */
  readonly file?: string
  /** The config file's folder, or `cwd` without one. */
  readonly root: string
}

/**
 * Finds, reads and validates the config file: the named one, or the nearest from `cwd` upward.
 * Throws INVALID_CONFIG, which names the file and all that is wrong in it.
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
