import type { Size } from '../../picture.js'

/** Raw pixels of a picture, row by row, without padding. Alpha is not premultiplied. */
export interface OwnPixels extends Size {
  /** Bytes of 8 bits per channel, or numbers of 16 bits if the depth is 16. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array
  /** Red, green and blue; and alpha, if there are 4. */
  readonly channels: 3 | 4
  /** Bits per channel: 16 for a picture from a 16-bit PNG or TIFF. */
  readonly depth: 8 | 16
}

/** A schema of any validation library that follows Standard Schema, such as Zod, Valibot or ArkType. */
export interface StandardSchema<Params> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Params> | Promise<StandardResult<Params>>
    readonly types?: { readonly input: unknown; readonly output: Params } | undefined
  }
}

/** The result of a Standard Schema. */
export type StandardResult<Params> =
  | { readonly value: Params; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** An operation of your own: pixels in, pixels out. */
export interface OwnOperation<Params = Record<string, never>> {
  /** Letters and digits, such as `vignette`. It is the name in lists, the flag `--vignette`, and the parameter in URLs. */
  readonly name: string
  /** One short sentence for help. */
  readonly summary: string
  /** Version of its pixels. It is part of the recipe: another version makes its outputs again, and no others. */
  readonly version: string | number
  /**
   * Checks the parameters: a Standard Schema, or a function that returns them, or throws. The result has to be plain JSON.
   * @default no parameters
   */
  readonly params?: StandardSchema<Params> | ((input: unknown) => Params)
  /** Returns the parameters that one value stands for, as in `--vignette 0.5`. */
  readonly shorthand?: (value: string | number | boolean) => unknown
  /** An input for help. @default true */
  readonly example?: unknown
  /**
   * Returns the size after the operation, in pixels; undefined if it depends on the pixels. It may be called often, and
   * before anything is decoded.
   * @default the size before
   */
  size?(from: Size, params: Params): Size | undefined
  /** Returns the channels after the operation. @default those before */
  channels?(from: 3 | 4, params: Params): 3 | 4
  /**
   * Returns the new pixels; it may change those that it gets. Each frame of an animation is passed alone. The colours are
   * sRGB, unless the list keeps the colour profile: then they are those of the profile. Grey pictures come as RGB.
   */
  apply(pixels: OwnPixels, params: Params): OwnPixels | Promise<OwnPixels>
}

/** An operation of your own, whatever parameters it takes. */
export interface AnyOwnOperation extends Omit<OwnOperation<never>, 'params'> {
  readonly params?: unknown
}

/** Your own operations by name: each an operation, or a module that exports one (a path relative to the root, or a package). */
export type CustomOperations = Readonly<Record<string, string | AnyOwnOperation>>
