/** Colours of a picture, as its header describes them. */
export type JxlColour =
  /** sRGB, or grey with its curve. */
  | { readonly kind: 'srgb' }
  /** Coded by numbers of ITU-T H.273: a curve that goes beyond the white of common screens. */
  | { readonly kind: 'hdr'; readonly primaries: number; readonly transfer: 'pq' | 'hlg' }
  /** Another space. Its ICC profile comes with the decoded pixels. */
  | { readonly kind: 'profile' }

/** Facts that the header of a codestream tells. */
export interface JxlHeader {
  /** Pixels, upright: the decoder turns the picture by its orientation. */
  readonly width: number
  readonly height: number
  /** As in EXIF, 1 to 8. */
  readonly orientation: number
  /** Bits a channel. */
  readonly bits: number
  readonly isFloat: boolean
  readonly isGrey: boolean
  readonly hasAlpha: boolean
  /** True if colours are stored multiplied by alpha. */
  readonly isPremultiplied: boolean
  /** True if it holds ink of black, as CMYK does. */
  readonly hasBlack: boolean
  readonly isAnimated: boolean
  /** True if the colour space of lossy compression is used. */
  readonly isXyb: boolean
  readonly colour: JxlColour
}

/** Frames of an animation. */
export interface JxlTimeline {
  readonly pages: number
  /** Milliseconds of each frame. */
  readonly delay: readonly number[]
  /** Number of times it plays; 0 is endless. */
  readonly loop: number
}

/** Pixels row by row, frames one below the other. */
export interface JxlPixels {
  readonly width: number
  /** Pixels of one frame. */
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
  /** 16 bits a channel if it is a Uint16Array. */
  readonly data: Uint8Array | Uint16Array
  /** ICC profile; sRGB without. */
  readonly icc?: Uint8Array | undefined
  readonly timeline?: JxlTimeline | undefined
}

/** Options of the encoder. */
export interface JxlEncoding {
  /** 1 to 100. @default 80 */
  readonly quality?: number | undefined
  /** Butteraugli distance, 0 to 25; instead of a quality. */
  readonly distance?: number | undefined
  readonly lossless?: boolean | undefined
  /** CPU effort, 1 to 9. @default 5, or 4 above 17 megapixels, where there is no memory for more */
  readonly effort?: number | undefined
  /** Makes decoding faster and files larger, 0 to 4. @default 0 */
  readonly decodingSpeed?: number | undefined
}
