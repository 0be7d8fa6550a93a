import type { ErrorRecord } from '../errors.js'
import type { Output, Result } from '../jobs/types.js'

/** The list of a run's sources and their outputs. */
export interface Manifest {
  readonly $schema?: string
  /** Version of the file format. */
  readonly version: 1
  readonly tool: ManifestTool
  readonly entries: readonly ManifestEntry[]
}

/** A manifest without its entries. */
export type ManifestHead = Omit<Manifest, 'entries'>

/** The versions that wrote the manifest last. */
export interface ManifestTool {
  readonly name: 'imgproc'
  readonly version: string
  readonly sharp: string
  readonly libvips: string
}

/** One source and all its outputs. */
export interface ManifestEntry {
  /** First 16 hex digits of the SHA-256 of the source's path. */
  readonly id: string
  readonly source: ManifestSource
  /** `partial`: it has outputs, but something failed. `skipped`: no rendition was wanted. */
  readonly status: 'ready' | 'partial' | 'failed' | 'skipped'
  /** The reason for a skipped source. */
  readonly reason?: string
  readonly outputs: readonly ManifestOutput[]
  /** Findings of analyzers, by analyzer name. */
  readonly analysis?: NonNullable<Result['analysis']>
  /** The error if the source as a whole failed. */
  readonly error?: ErrorRecord
}

/** The source at its last run. */
export interface ManifestSource {
  /** Relative to the config file's folder or the working directory, with `/`; or a URL without query. */
  readonly path: string
  readonly bytes?: number
  /** Pixels, after EXIF orientation. */
  readonly width?: number
  /** Pixels, after EXIF orientation. */
  readonly height?: number
  readonly format?: string
  /** `sha256:` and the hash of its bytes in hex. Absent if only the header was read. */
  readonly hash?: string
}

/** An output that exists, or one that failed. */
export type ManifestOutput = ReadyOutput | FailedOutput

/** An output that exists. Its path is relative to the manifest. */
export interface ReadyOutput extends Output {
  readonly status: 'ready'
  /** Made from an older version of the source: only other presets have been run since it changed. */
  readonly stale?: true
}

/** An output that could not be made. */
export interface FailedOutput {
  readonly preset: string
  readonly status: 'failed'
  /** The planned path. Contains tokens such as `{ext}` if their values are not known without the output. */
  readonly path: string
  readonly recipe: string
  readonly error: ErrorRecord
}
