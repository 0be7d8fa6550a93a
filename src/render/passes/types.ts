import type { Keep } from '../../metadata/keep.js'
import type { FromSrgb } from '../../operations/define-operation.js'
import type { FormatType } from '../../operations/settings/format.js'
import type { OpenImage } from '../../image/open-image.js'
import type { RawPixels } from '../../picture.js'

/** Pixels that a pass reads: the source before the first pass; between passes a lossless file, or raw pixels. */
export type PixelSource =
  | { readonly kind: 'source'; readonly image: OpenImage; readonly bytes: Uint8Array }
  | { readonly kind: 'stored'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'raw' } & RawPixels)

/** Options that all passes of a rendition share. */
export interface PassOptions {
  readonly keep: Keep
  readonly autoOrient: boolean
  /** EXIF orientation that the output keeps, if the pixels were not turned by it. */
  readonly orientation: number | undefined
  /** Adds metadata to an encoded file. */
  readonly attach: (data: Buffer<ArrayBuffer>, type: FormatType) => Promise<Buffer<ArrayBuffer>>
  /** ICC profile of the output, for encoders that are not sharp's. @default the pixels are sRGB */
  readonly icc?: Uint8Array | undefined
  /** XMP of the output. */
  readonly xmp: string | undefined
  /** True if the output contains the density even if all metadata is stripped, as PNG does. */
  readonly tellsDensity: boolean
  /** Seconds for each pass. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
  /** Reads a file that an operation names. */
  readonly read: (ref: string) => Promise<Uint8Array>
  /** Converts colours that operations add to the profile that is kept. @default the pixels are sRGB */
  readonly fromSrgb?: FromSrgb | undefined
}
