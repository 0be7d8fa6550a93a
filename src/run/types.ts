import type { CustomAnalyzers } from '../analyzers/load-analyzers.js'
import type { FailOn, Limits } from '../image/types.js'
import type { CustomOperations } from '../operations/own/types.js'
import type { Manifest } from '../manifest/types.js'
import type { ManifestFile } from '../manifest/manifest-file.js'
import type { Plan, PlanBatch } from '../plan/types.js'
import type { Shard } from '../plan/shard.js'
import type { CheckedJobs } from '../state/checked-jobs.js'
import type { ResultList } from '../state/journal.js'
import type { Removal } from '../state/prune.js'
import type { SourceIndex } from '../state/source-index.js'
import type { RunHistory } from '../state/run-history.js'
import type { FailureOptions, RunOptions, StoreOptions } from './options.js'

/** Store options with absolute folders. */
export interface ResolvedStores extends StoreOptions {
  /** Absolute, with `/`. */
  readonly cwd: string
  /** Absolute, with `/`. */
  readonly root: string
}

/** A batch and its output folder. */
export interface Batch extends PlanBatch {
  readonly out: string
}

/** The options of a run after `resolveRun`: checked, with defaults filled in and every path absolute. */
export interface ResolvedRun
  extends
    ResolvedStores,
    FailureOptions,
    Pick<
      RunOptions,
      | 'baseUrl'
      | 'concurrency'
      | 'memory'
      | 'workers'
      | 'outFile'
      | 'engine'
      | 'suggest'
      | 'onEvent'
      | 'signal'
    > {
  readonly batches: readonly Batch[]
  readonly analyzers: CustomAnalyzers
  readonly operations: CustomOperations
  readonly limits: Limits
  readonly failOn: FailOn
  /** The manifest's file; undefined for `manifest.json` in each output folder, false for none. */
  readonly manifest: string | false | undefined
  readonly shard: Shard | undefined
  readonly allowEmpty: boolean
  readonly sniff: boolean | undefined
  readonly force: boolean
  readonly refresh: boolean
  readonly prune: boolean
  /** Names of all presets; undefined if the run was given none. */
  readonly presetNames: ReadonlySet<string> | undefined
}

/** An output folder and its manifest, unless none is kept. */
export interface FolderState {
  readonly out: string
  /** The folder of the journal, lock and source index. */
  readonly state: string
  readonly manifest: ManifestFile | undefined
  /** Fingerprints of the sources, as the last run wrote them. */
  readonly sourceIndex: SourceIndex
  /** Results of a killed run, read from its journal. They are merged into `manifest`. */
  readonly recovered: ResultList
  /** The journal's files; undefined if no journal can be kept. */
  readonly journal: readonly string[] | undefined
}

/** An output folder and the jobs that write into it. */
export interface OutputFolder extends FolderState {
  /** The jobs, with the results of those that have nothing to make. */
  readonly checked: CheckedJobs
  /** Counts of files that are not images, by extension. */
  readonly ignored: ReadonlyMap<string, number>
  /** Files whose first bytes were read, since their names do not tell. */
  readonly sniffed: number
  readonly history: RunHistory | undefined
  /** Hash of everything that the plan depends on, for the snapshot; undefined if none is kept. */
  readonly seen: string | undefined
}

/** A plan, and the outputs that `prune` would remove. */
export interface RunPlan extends Plan {
  /** Outputs that would be removed; undefined without `prune`. */
  readonly removals?: readonly Removal[]
}

/** Options of `mergeManifests`. */
export interface MergeOptions extends Omit<StoreOptions, 'pipe'> {
  /** The joined manifest's file. Without it nothing is written, and output paths are relative to `cwd`. */
  readonly out?: string | undefined
}

/** A joined manifest. */
export interface Merged {
  readonly manifest: Manifest
  /** Files that were joined. */
  readonly files: readonly string[]
  /** Files of shards that are missing, if other shards of the same run are there. */
  readonly missing: readonly string[]
}
