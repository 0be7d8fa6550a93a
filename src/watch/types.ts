import type { RunOptions } from '../run/options.js'
import type { Run } from '../run/run.js'

/** Options of `watch`: those of `run`, and how to reload them. */
export interface WatchOptions extends RunOptions {
  /** Reads the options again when one of these files changes, such as a config. Paths are relative to `cwd`. */
  readonly reload?:
    | { readonly files: readonly string[]; readonly read: () => Promise<WatchOptions> }
    | undefined
}

/** A change of one file since the previous run. */
export interface Change {
  /** Path relative to `root`, as in the manifest. */
  readonly path: string
  readonly kind: 'added' | 'changed' | 'removed'
}

/** A run, and the changes that caused it. */
export interface Rebuild {
  /** Empty for the first run. */
  readonly changes: readonly Change[]
  readonly run: Run
}
