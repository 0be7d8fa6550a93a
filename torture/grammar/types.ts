/** Red, green, blue and alpha, 0 to 255, in sRGB. Fractions are exact. */
export type RGBA = readonly [red: number, green: number, blue: number, alpha: number]

/** A generated file of one colour. */
export interface GeneratedPicture {
  readonly name: string
  readonly bytes: Buffer
  readonly extension: string
  /** Colour of every pixel as browsers show it. Without alpha, any colour is right. */
  readonly expected?: RGBA
}
