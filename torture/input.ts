import type { Pixels } from './pam.js'

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
  /** What has to come of a legal file, if its standard says so. @default a picture that the judges agree with */
  readonly expected?: Expected | undefined
}

/** `refused` stands for UNSUPPORTED_FORMAT. A function tells right pictures, in sRGB, from wrong ones. */
export type Expected = 'refused' | ((pixels: Pixels) => boolean)

/** `legal` files follow their standard. The other kinds are damaged on purpose. */
export type Kind = 'legal' | 'truncated' | 'bits' | 'parts' | 'sizes' | 'spliced'
