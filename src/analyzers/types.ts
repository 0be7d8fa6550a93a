import type { Metadata, Sharp } from 'sharp'

/** Input of an analyzer in addition to the image. */
export interface AnalyzerContext {
  /** sharp's metadata of the source: stored size, and EXIF, ICC and XMP blocks. */
  readonly metadata: Metadata
  /** Bytes of the source. Do not change them. */
  readonly bytes: Uint8Array
  /** Width in pixels after orientation. */
  readonly width: number
  /** Height in pixels after orientation. */
  readonly height: number
  /**
   * Returns the picture shrunk into 256x256 pixels: upright, 8-bit sRGB. It is decoded once for all analyzers of a
   * source, so it is cheaper than `image`. Each call returns a new instance, whose `stats()` describe the preview.
   */
  readonly preview: () => Promise<Sharp>
  /** Seconds that the analyzer may take; 0 for no limit. @default 0 */
  readonly seconds?: number
  /** Aborts the analyzer. */
  readonly signal?: AbortSignal | undefined
}

/** Computes findings about an image. */
export interface Analyzer<F = unknown> {
  /** Name in config files and on the command line, and key under `analysis` in the manifest. */
  readonly name: string
  /** One short sentence for help and docs. */
  readonly summary: string
  /** Name and version of its model. Findings of another are made again. */
  readonly model?: string
  /** Throws INVALID_CONFIG if the analyzer cannot run, such as without a package. Called before a run reads images. */
  check?(): void
  /**
   * Returns the findings as plain JSON. `image` is a new sharp instance of the whole source: upright, sRGB, and the
   * first frame of an animation. Its `stats()` and `metadata()` describe the source as stored.
   */
  analyze(image: Sharp, context: AnalyzerContext): F | Promise<F>
}
