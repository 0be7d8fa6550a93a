import type { LoadedConfig } from '../config/load-config.js'
import { resolvePresetPaths } from '../config/resolve-paths.js'
import { resolveLocation } from '../paths/location.js'
import type { RunOptions } from './options.js'

/** Options of a run from a config. All paths but those of its batches are absolute. */
export interface ConfigRunOptions extends RunOptions {
  /** Folder of the config, in which the paths of its batches begin too. */
  readonly root: string
}

/** Converts a config to options of a run, whose relative paths begin in the config's folder. */
export function toConfigOptions({ config, root, file }: LoadedConfig): ConfigRunOptions {
  const { presets = {}, ...rest } = config as RunOptions // loadConfig has validated its operations
  const { out, base, manifest, ignore = [] } = rest
  const fromRoot = (path: string) => resolveLocation(path, root)
  return {
    ...rest,
    // Without a config the presets are unknown, except the shipped ones.
    presets: file === undefined ? undefined : resolvePresetPaths(presets, root),
    root,
    out: out === undefined ? undefined : fromRoot(out),
    base: base === undefined ? undefined : fromRoot(base),
    manifest: typeof manifest === 'string' ? fromRoot(manifest) : manifest,
    ignore: ignore.map(fromRoot),
  }
}
