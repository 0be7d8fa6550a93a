/** Width and height in pixels, as a viewer sees them: after orientation, of one frame. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** What is known of the pixels on their way through the passes. */
export interface Picture extends Size {
  /** Frames of an animation; 1 for a still. */
  readonly pages: number
  readonly alpha: boolean
  /** Bits a channel: 16 for 16-bit PNG and TIFF, else 8. */
  readonly depth: 8 | 16
  /** What the channels mean; a grey picture has one beside alpha. */
  readonly space: 'grey' | 'rgb' | 'cmyk'
  /** Drawn from vectors (SVG): no size is too large for it. */
  readonly vector: boolean
  /** Whether its decoder gets faster when the picture is scaled first (JPEG, WebP). */
  readonly shrinks: boolean
}

/** Bare pixels of 8 bits a channel, row by row. */
export interface RawPixels {
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
  readonly channels: 3 | 4
}
