export { defineAnalyzer } from './analyzers/define-analyzer.js'
export { defineConfig } from './config/define-config.js'
export type { Analysis } from './analyzers/analysis.js'
export type { GpsPosition } from './analyzers/builtin/gps.js'
export type { CameraMetadata } from './analyzers/builtin/metadata.js'
export type { Palette, PaletteColor } from './analyzers/builtin/palette.js'
export type { DetectedObject, Face, Faces, Moderation, Objects, Region } from './analyzers/vision/types.js'
export type { Analyzer, AnalyzerContext } from './analyzers/types.js'
export type {
  PresetName,
  ShippedPreset,
  UserBatch,
  UserConfig,
  UserPreset,
} from './config/types.generated.js'
export type * from './manifest/types.js'
export type { Plan } from './plan/types.js'
export type { Removal } from './state/prune.js'
export type { Summary } from './jobs/summary.js'
export type { Job, Output, OutputResult, Rendition, Result, SourceFacts } from './jobs/types.js'
export type { FailOn, ImageInfo, Limits, Rendered } from './image/types.js'
export type { Backend, BackendListOptions, ReadOptions, Source, WriteMeta } from './stores/types.js'
export { ImgprocError } from './errors.js'
export type { ErrorCode, ErrorDetails, ErrorRecord, Failure, Stage } from './errors.js'
export type * from './operations/image-op.generated.js'
export { defineOperation } from './operations/own/define-operation.js'
export type {
  AnyOwnOperation,
  CustomOperations,
  OwnOperation,
  OwnPixels,
  StandardIssue,
  StandardResult,
  StandardSchema,
} from './operations/own/types.js'
export { defineOps } from './operations/define-ops.js'
export { defineStore } from './stores/define-store.js'
export { mergeManifests } from './run/merge/merge-manifests.js'
export { readManifest } from './manifest/read-manifest.js'
export { inspect, type InspectOptions } from './inspect/inspect.js'
export type * from './inspect/types.js'
export { picture } from './report/picture/picture.js'
export { pictureData } from './report/picture/picture-data.js'
export type {
  ArtDirection,
  PictureAlt,
  PictureData,
  PictureImage,
  PictureOptions,
  PictureSettings,
  PictureSource,
  Placeholder,
} from './report/picture/types.js'
export { run, type Run } from './run/run.js'
export { plan } from './run/plan-run.js'
export type { Merged, MergeOptions, RunPlan } from './run/types.js'
export type { RunOptions } from './run/options.js'
export { transform, type ImageInput, type InputKind, type TransformOptions } from './transform.js'
export type { Change, Rebuild, WatchOptions } from './watch/types.js'
export { watch } from './watch/watch.js'
