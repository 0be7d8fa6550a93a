import type { Size, RawPixels } from '../picture.js'

/** Quicker ways than sharp's to the very same, for JPEGs. */
export interface FastJpeg {
  /** A smaller progressive file that gives the same pixels at 1/8 of its size; undefined where there is none. */
  cut(bytes: Uint8Array): Uint8Array | undefined
  /** A file's pixels, as they are stored, at a part of its size; undefined where sharp had better decode it. */
  decode(bytes: Uint8Array, denominator: ScaleDenominator): Promise<RawPixels | undefined>
  /** The same, scaled. */
  decodeScaled(bytes: Uint8Array, denominator: ScaleDenominator, to: JpegSize): Promise<RawPixels | undefined>
  /** A smaller picture as a file of its own, of bare pixels; undefined where sharp had better make it. */
  transcode(bytes: Uint8Array, denominator: ScaleDenominator, to: JpegTarget): Promise<Uint8Array | undefined>
  /** The same of pixels that are there already, three bytes each. */
  encode(pixels: RawPixels, to: JpegTarget): Promise<Uint8Array | undefined>
  /** Tells that so many files may come, of so many bytes together: it needn't find out by itself. */
  expect(bytes: number, files: number): void
  /** Bytes that it keeps for the next picture. */
  readonly retainedBytes: () => number
}

/** To one of how many pixels, across and down, a JPEG is decoded. */
export type ScaleDenominator = 1 | 2 | 4 | 8

/** What pixels are scaled to, as they are stored. */
export interface JpegSize extends Size {
  /** How they are turned afterwards: an EXIF orientation, 1 for not at all. */
  readonly orientation: number
  /** Where the picture covers the size instead of being stretched to it: what is kept of it when it has been turned. */
  readonly cover: Corner | undefined
}

/** Which part of what is too large is kept, across and down: the first, the middle or the last. */
export interface Corner {
  readonly x: 0 | 0.5 | 1
  readonly y: 0 | 0.5 | 1
}

/** A JPEG that is to be made. */
export interface JpegTarget extends JpegSize {
  readonly quality: number
  readonly chromaSubsampling: '4:2:0' | '4:4:4'
}
