import type { Encoding, FormatType } from '../../operations/settings/format.js'
import type { OutputInfo } from 'sharp'
import type { Picture } from '../../picture.js'
import type { Sharp } from 'sharp'
import type { PassOptions } from '../passes/types.js'
import type { Timeline } from './timeline.js'

/** Options that all encoders of a rendition share. */
export interface EncodeOptions extends Pick<PassOptions, 'icc' | 'signal' | 'timeout'> {
  /** Timeline of an animation. */
  readonly timeline?: Timeline
}

/** An encoded picture. */
export interface EncodedFile {
  readonly data: Buffer<ArrayBuffer>
  readonly info: OutputInfo
}

/** Raw pixels, frames one below the other. */
export interface EncoderInput {
  readonly data: Uint8Array | Uint16Array
  readonly width: number
  /** Pixels of one frame. */
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
}

/** Encodes the same pixels with any encoding. */
export type EncodeAs = (format: Encoding) => Promise<EncodedFile>

/** An encoded picture, and the result of a search. */
export interface EncodedPixels {
  readonly data: Buffer<ArrayBuffer>
  readonly info: Pick<OutputInfo, 'width' | 'height' | 'pageHeight' | 'pages'>
  readonly type: FormatType
  /** Set if it was searched for. */
  readonly quality?: number | undefined
  /** SSIM to the pixels before encoding, at most 1. Set if it was measured. */
  readonly similarity?: number | undefined
}

/** Pixels that can be encoded repeatedly. */
export interface Pixels {
  readonly picture: Picture
  readonly encodeAs: EncodeAs
  /** Opens the pixels before encoding; for an animation, the first frame. */
  readonly open: () => Sharp
}

/** An encoding with a quality that can be searched for. */
export type LossyEncoding = Extract<Encoding, { maxBytes?: unknown }>
