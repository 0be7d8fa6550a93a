export { defineAnalyzer } from './analyzers/define-analyzer.js'
export { defineConfig } from './config/define-config.js'
export type { Analyzer, AnalyzerContext } from './analyzers/types.js'
export type { UserBatch, UserConfig, UserPreset } from './config/types.generated.js'
export type * from './manifest/types.js'
export type { Plan } from './plan/plan-jobs.js'
export type { Removal } from './state/prune.js'
export type { Failure, Summary } from './jobs/summary.js'
export type {
  FailOn,
  ImageInfo,
  Job,
  Limits,
  Output,
  OutputResult,
  Rendered,
  Rendition,
  Result,
  Backend,
  BackendListOptions,
  ReadOptions,
  Source,
  SourceFacts,
  WriteMeta,
} from './jobs/types.js'
export { ImgprocError } from './errors.js'
export type { ErrorCode, ErrorDetails, ErrorRecord, Stage } from './errors.js'
export type * from './operations/image-op.generated.js'
export { defineOps } from './operations/define-ops.js'
export { defineStore } from './stores/define-store.js'
export { mergeManifests, type Merged, type MergeOptions } from './run/merge-manifests.js'
export { readManifest } from './manifest/read-manifest.js'
export { plan, run, type Run } from './run/run.js'
export type { RunOptions } from './run/options.js'
export { transform, type ImageInput, type InputKind, type TransformOptions } from './transform.js'
export { watch, type Change, type Rebuild, type WatchOptions } from './watch/watch.js'
