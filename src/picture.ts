/** Width and height in pixels, as a viewer shows them: oriented, of one frame. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** Properties of a picture between passes through sharp. */
export interface Picture extends Size {
  /** Frames of an animation; 1 for a still image. */
  readonly pages: number
  readonly alpha: boolean
  /** Bits per channel: 16 for 16-bit PNG and TIFF, else 8. */
  readonly depth: 8 | 16
  /** Colour space. A grey picture has one channel besides alpha. */
  readonly space: 'grey' | 'rgb' | 'cmyk'
  /** True if it is drawn from vectors (SVG), so that enlarging loses no detail. */
  readonly vector: boolean
  /** True if its decoder can shrink on load (JPEG, WebP). */
  readonly shrinks: boolean
}

/** Raw pixels of 8 bits per channel, row by row. */
export interface RawPixels {
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
  readonly channels: 3 | 4
}
