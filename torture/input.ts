/** One generated file. */
export interface TortureInput {
  /** Unique within a run, and safe as a file name. The extension is not part of it. */
  readonly name: string
  readonly extension: string
  /** Row of the table: the format of the seed. */
  readonly format: string
  /** Column group of the table: `legal`, or the kind of damage. */
  readonly kind: Kind
  readonly bytes: Buffer
  /** Value of every pixel as RGBA of 8 bits in sRGB, if the standard of the format gives one. */
  readonly expected?: Rgba | undefined
}

/** Red, green, blue and alpha, 0 to 255. */
export type Rgba = readonly [red: number, green: number, blue: number, alpha: number]

/** `legal` files follow their standard. The other kinds are damaged on purpose. */
export type Kind = 'legal' | 'truncated' | 'bits' | 'parts' | 'sizes' | 'spliced'
