import type { Size, RawPixels } from '../picture.js'

/** JPEG and PNG operations with the same output as sharp, faster. They return undefined if sharp has to do the work. */
export interface FastCodec {
  /** Returns a smaller progressive file that gives the same pixels at 1/8 of its size; undefined if there is none. */
  cut(bytes: Uint8Array): Uint8Array | undefined
  /** Decodes a colour file to RGB pixels at a fraction of its size, without applying its orientation. */
  decode(bytes: Uint8Array, scaleDenominator: ScaleDenominator): Promise<RawPixels | undefined>
  /** Decodes a colour file, converts its colours, if tables are given, and resizes it. */
  decodeScaled(
    bytes: Uint8Array,
    scaleDenominator: ScaleDenominator,
    to: JpegSize,
    colours?: ColourTables,
  ): Promise<RawPixels | undefined>
  /** Decodes a file, converts its colours, if tables are given, resizes it and encodes it, without metadata. Grey stays grey. */
  transcode(
    bytes: Uint8Array,
    scaleDenominator: ScaleDenominator,
    to: JpegTarget,
    colours?: ColourTables,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Resizes the rows of a PNG, to RGB or RGBA pixels. Resolves to undefined for damaged rows too. */
  scaleRows(rows: DeflatedRows, to: JpegSize): Promise<RawPixels | undefined>
  /** Resizes and encodes RGB pixels. */
  encode(pixels: RawPixels, to: JpegTarget): Promise<Uint8Array<ArrayBuffer> | undefined>
  /**
   * Announces files and their bytes in all, so that threads start before the first call. Until the returned function is
   * called, small files are also processed in the caller's thread, and block it, while threads are missing.
   */
  expect(bytes: number, files: number): () => void
  /** Returns the bytes of memory that are retained for the next picture. */
  readonly retainedBytes: () => number
}

/** Pixels of 8 bits a channel as a PNG holds them: each row behind the number of its filter, in one zlib stream. */
export interface DeflatedRows extends Size {
  readonly channels: 3 | 4
  /** The stream, in parts. */
  readonly parts: readonly Uint8Array[]
}

/** Conversion of RGB pixels by tables: from light to light by a matrix, and to values by a curve for each channel. */
export interface ColourTables {
  /**
   * Light that each value of red, then of green and of blue, adds to the red, green and blue of the result, and a fourth number
   * without meaning. 28 bits are behind the point.
   */
  readonly sums: Int32Array
  /** Value of red, green and blue for each light, of 14 bits behind the point, from 0 to at most 1. */
  readonly encoded: readonly [Uint8Array, Uint8Array, Uint8Array]
}

/** Decoding to 1/n of the size (libjpeg's `scale_denom`). */
export type ScaleDenominator = 1 | 2 | 4 | 8

/** Size after resizing, before orientation. */
export interface JpegSize extends Size {
  /** EXIF orientation to apply after resizing; 1 for none. */
  readonly orientation: number
  /** If set, the picture covers the size: the part to keep, as seen after orientation. If undefined, it is stretched. */
  readonly cover: Corner | undefined
}

/** Part of an oversized picture to keep, across and down: its start, its middle or its end. */
export interface Corner {
  readonly x: 0 | 0.5 | 1
  readonly y: 0 | 0.5 | 1
}

/** Size and encoding of a JPEG output. */
export interface JpegTarget extends JpegSize {
  readonly quality: number
  readonly chromaSubsampling: '4:2:0' | '4:4:4'
}
