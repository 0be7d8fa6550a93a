import type { ErrorRecord } from '../errors.js'
import type { Output } from '../jobs/types.js'

/** What a folder of outputs holds, and what each was made from. */
export interface Manifest {
  readonly $schema?: string
  /** Of the format of this file. */
  readonly version: 1
  readonly tool: ManifestTool
  readonly entries: readonly ManifestEntry[]
}

/** All that a manifest says besides its entries. */
export type ManifestHead = Omit<Manifest, 'entries'>

/** What wrote the manifest last. */
export interface ManifestTool {
  readonly name: 'imgproc'
  readonly version: string
  readonly sharp: string
  readonly libvips: string
}

/** One source and all that was made from it. */
export interface ManifestEntry {
  /** A hash of the source's path. */
  readonly id: string
  readonly source: ManifestSource
  /** `partial`: some outputs are there and some failed. `skipped`: none was wanted of this source. */
  readonly status: 'ready' | 'partial' | 'failed' | 'skipped'
  /** Why it was skipped. */
  readonly reason?: string
  readonly outputs: readonly ManifestOutput[]
  /** What analyzers found in the source, by their names. */
  readonly analysis?: Readonly<Record<string, unknown>>
  /** Why the source as a whole failed. */
  readonly error?: ErrorRecord
}

/** The source, as it was when it was read last. */
export interface ManifestSource {
  /** Relative to the config file's folder or the working directory, with `/`; or a URL without query. */
  readonly path: string
  readonly bytes?: number
  /** Pixels, as a viewer sees them. */
  readonly width?: number
  /** Pixels, as a viewer sees them. */
  readonly height?: number
  readonly format?: string
  /** `sha256:` and the hash of its bytes, where all of them were read. */
  readonly hash?: string
}

/** An output that is there, or one that could not be made. */
export type ManifestOutput = ReadyOutput | FailedOutput

/** Its path is relative to the manifest. */
export interface ReadyOutput extends Output {
  readonly status: 'ready'
  /** The source has changed since, and only other presets were made again. */
  readonly stale?: true
}

export interface FailedOutput {
  readonly preset: string
  readonly status: 'failed'
  /** Where it would have been; what only the picture tells may be a token in it. */
  readonly path: string
  readonly recipe: string
  readonly error: ErrorRecord
}
