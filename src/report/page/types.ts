import type { ErrorCode } from '../../errors.js'

/** Everything that the page shows: the data block of a report. */
export interface ReportData {
  /** The manifest's folder. */
  readonly title: string
  /** Versions that made the pictures. */
  readonly tool: string
  readonly entries: readonly ReportEntry[]
}

/** One source and its outputs. */
export interface ReportEntry {
  readonly path: string
  readonly status: 'ready' | 'partial' | 'failed' | 'skipped'
  readonly format?: string | undefined
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly bytes?: number | undefined
  /** The reason for a skipped source. */
  readonly reason?: string | undefined
  readonly error?: ReportError | undefined
  readonly picture?: PictureRef | undefined
  readonly outputs: readonly ReportOutput[]
}

export interface ReportError {
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
}

/** An output that exists, or one that failed. */
export interface ReportOutput {
  readonly preset: string
  readonly path: string
  readonly format?: string
  readonly width?: number
  readonly height?: number
  readonly bytes?: number
  /** Frames of an animation. */
  readonly pages?: number | undefined
  readonly quality?: number | undefined
  readonly similarity?: number | undefined
  readonly stale?: true | undefined
  readonly warnings?: readonly string[] | undefined
  readonly error?: ReportError | undefined
  readonly picture?: PictureRef | undefined
}

/** A picture of the page: a file beside it, or one that it holds. */
export interface PictureRef {
  /** URL, relative to the page. */
  readonly url?: string
  /** Number of the block with the picture as a data URL. */
  readonly block?: number
  /** True for a smaller copy, which does not show the quality of the file. */
  readonly isPreview?: true
}
