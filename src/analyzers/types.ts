import type { Metadata, Sharp } from 'sharp'

/** What an analyzer is given beside the picture. */
export interface AnalyzerContext {
  /** What sharp reads from the source's header: the size as stored, the EXIF, ICC and XMP blocks. */
  readonly metadata: Metadata
  /** The source as it was read, not to be changed. */
  readonly bytes: Uint8Array
  /** Pixels, of the upright picture. */
  readonly width: number
  readonly height: number
  /**
   * The picture within 256x256 pixels, upright, 8-bit sRGB, decoded once for all analyzers of a source: where it is
   * large enough, it saves decoding `image`. Each call returns a fresh instance, whose `stats()` are the preview's.
   */
  readonly preview: () => Promise<Sharp>
}

/** Finds something out about a picture. */
export interface Analyzer<F = unknown> {
  /** Its name in config files and on the command line, and its key under `analysis` in the manifest. */
  readonly name: string
  /** One sentence, for help and docs. */
  readonly summary: string
  /**
   * Plain JSON: what was found. `image` is a fresh sharp instance of the whole source, upright, in sRGB, the first
   * frame of an animation. Its `stats()` and `metadata()` are sharp's of the source as it is stored.
   */
  analyze(image: Sharp, context: AnalyzerContext): F | Promise<F>
}
