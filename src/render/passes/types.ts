import type { Keep } from '../../metadata/keep.js'
import type { OpenImage } from '../../image/open-image.js'
import type { RawPixels } from '../../picture.js'

/** Pixels between passes, or before the first. */
export type PixelSource =
  | { readonly kind: 'source'; readonly image: OpenImage; readonly bytes: Uint8Array }
  | { readonly kind: 'stored'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'raw' } & RawPixels)

/** What every pass of a rendition has in common. */
export interface PassOptions {
  readonly keep: Keep
  readonly autoOrient: boolean
  /** The EXIF orientation that the output keeps, where the pixels weren't turned by it. */
  readonly orientation: number | undefined
  /** The XMP that the output has. */
  readonly xmp: string | undefined
  /** Pixels an inch, as the source says it. */
  readonly density: number | undefined
  /** The output says it, too, whatever else is stripped: PNG does. */
  readonly tellsDensity: boolean
  /** Seconds. */
  readonly timeout: number
  /** Reads a file that an operation names. */
  readonly read: (ref: string) => Promise<Uint8Array>
}
