import { dirname, resolve } from 'node:path'
import { findConfigFile, type ConfigFile } from './find-config.js'
import { loadOperations } from '../operations/own/load-operations.js'
import { asRecord } from '../utils/parse-json.js'
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
  await loadOwnOperations(found)
  return { config: parseConfig(found.content, found), file: found.file, root: dirname(found.file) }
}

/** Loads the operations that a config names, since its presets are checked against them. parseConfig reports other values. */
export async function loadOwnOperations({ content, file }: ConfigFile): Promise<void> {
  const named = Object.entries(asRecord(asRecord(content)['operations']))
  const modules = named.filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
  )
  if (modules.length > 0) await loadOperations(Object.fromEntries(modules), dirname(file))
}
