import type { Encoding, FormatType } from '../../operations/settings/format.js'
import type { OutputInfo } from 'sharp'
import type { Picture } from '../../picture.js'
import type { Sharp } from 'sharp'

/** Encodes the same pixels in one way or another. */
export type EncodeAs = (format: Encoding) => Promise<{ readonly data: Buffer; readonly info: OutputInfo }>

/** An encoded picture, and what was settled on the way. */
export interface EncodedPixels {
  readonly data: Buffer
  readonly info: Pick<OutputInfo, 'width' | 'height' | 'pageHeight' | 'pages'>
  readonly type: FormatType
  /** Where it was searched for. */
  readonly quality?: number | undefined
  /** To the pixels before they were encoded, where that was measured: SSIM, 1 at most. */
  readonly similarity?: number | undefined
}

/** Pixels that can be encoded again and again. */
export interface Pixels {
  readonly picture: Picture
  readonly encodeAs: EncodeAs
  /** As they are before they are encoded; of an animation the first frame. */
  readonly open: () => Sharp
}

/** An encoding that has a quality to search for. */
export type Lossy = Extract<Encoding, { maxBytes?: unknown }>
