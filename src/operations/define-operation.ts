import type { KernelEnum, Sharp } from 'sharp'
import type { z } from 'zod'
import { once } from '../utils/once.js'
import type { ImageOp } from './image-op.generated.js'
import type { OwnPixels } from './own/types.js'
import type { FocalRegion } from './focal.js'
import type { Gravity } from './parameters.js'
import type { Picture, Size } from '../picture.js'

/** One pass through sharp, while it is planned. */
export interface Pass {
  /** The picture before the pass. */
  readonly from: Picture
  /** The picture after the operations planned so far. */
  readonly to: Picture
  /** The highest slot taken; 0 in an empty pass. */
  readonly last: number
  has(...names: string[]): boolean
}

/** Searches the frames of an animation, and returns operations with fixed values that apply to all of them. */
export type FreezeForAnimation = (frames: readonly Sharp[], context: OpContext) => Promise<readonly ImageOp[]>

/** Input of an operation in addition to its parameters. */
export interface OpContext {
  /** The picture before the operation. */
  readonly from: Picture
  /** The size after the operation; the size of `from` if it depends on the pixels. */
  readonly to: Size
  /** Reads a file named in the parameters, if the caller allows it. */
  readonly read: (ref: string) => Promise<Uint8Array>
  /** Regions for a position that names their origin, the most important first. @default the middle */
  readonly focus?: readonly FocalRegion[] | undefined
  /** Converts a colour from sRGB to the profile of the picture. @default the picture is sRGB */
  readonly fromSrgb?: FromSrgb | undefined
}

/** Input of an operation on raw pixels in addition to its parameters. */
export interface EditContext {
  readonly from: Picture
  /** The picture after the operation; the size of `from` if it depends on the pixels. */
  readonly to: Picture
  /** Time limit. */
  readonly seconds: number
  /** Converts a colour from sRGB to the profile of the picture. @default the picture is sRGB */
  readonly fromSrgb?: FromSrgb | undefined
}

/** Origin of the focal regions of a source. */
export type FocusOrigin = 'metadata' | 'faces' | 'objects'

/** Colour channels from 0 to 1: red, green and blue. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** Converts colours from sRGB to another profile. */
export type FromSrgb = (colour: Rgb) => Rgb

/** A string, number or flag that stands for an operation's parameters. */
export interface Shorthand<P extends z.ZodType, S extends z.ZodType> {
  readonly schema: S
  read(value: z.output<S>): z.input<P>
}

/** A shorthand followed by parameters, as in flags, URLs and config files: `webp:quality=80`. */
type TextOf<S extends z.ZodType> = `${Extract<z.input<S>, string | number>}:${string}=${string}`

interface OpDescription<N extends string, P extends z.ZodType, S extends z.ZodType> {
  readonly name: N
  /** Returns the parameters with each file renamed. */
  files?(params: z.output<P>, rename: (ref: string) => string): z.output<P>
  /** One short sentence for help, docs and schema. */
  readonly summary: string
  readonly params: P
  readonly shorthand?: Shorthand<P, S>
  /** Other spellings of values, such as `jpg`, and the value that each stands for. */
  readonly aliases?: Readonly<Record<string, string>>
  /** An input shown in help and docs, and run by a test. */
  readonly example: z.input<P> | z.input<S> | TextOf<S>
}

/** An operation on pixels. */
export interface PixelOp<
  N extends string = string,
  P extends z.ZodType = z.ZodType,
  S extends z.ZodType = z.ZodType,
> extends OpDescription<N, P, S> {
  readonly kind: 'pixels'
  /** Part of the recipe, if the operation is a user's. */
  readonly version?: string
  /** Returns the size after the operation; undefined if it depends on the pixels. */
  size(params: z.output<P>, from: Picture): Size | undefined
  /** Returns why the operation cannot apply to a picture; undefined if it can. */
  check?(params: z.output<P>, from: Picture): string | undefined
  /** Returns true if the operation would not change the picture. It is then left out of the pass. */
  isNoop?(params: z.output<P>, from: Picture): boolean
  /** Returns the operation's slot in sharp's order, or 'new' if it needs another pass. */
  place(params: z.output<P>, pass: Pass): number | 'new'
  /** Returns the kernel if the operation only scales. It can then run before turns, which allows shrink-on-load. */
  scales?(params: z.output<P>): keyof KernelEnum | undefined
  /** Returns the gravity if the operation only scales to cover a size, with libvips' default kernel. */
  covers?(params: z.output<P>): Gravity | undefined
  /** Returns the number of quarter turns if the operation only turns; 0 if it only mirrors. */
  turns?(params: z.output<P>): number | undefined
  /**
   * Returns true if the operation gives right colours on CMYK: it moves, scales or averages pixels. Other operations take
   * the picture for RGB. @default false
   */
  keepsInk?(params: z.output<P>): boolean
  apply(image: Sharp, params: z.output<P>, context: OpContext): Sharp | Promise<Sharp>
  /** Changes the raw pixels after `apply`. The operation needs a pass to itself. */
  edit?(pixels: OwnPixels, params: z.output<P>, context: EditContext): Promise<OwnPixels>
  /**
   * Returns the search that fixes the result for all frames of an animation; undefined if the operation does not depend
   * on the pixels. With a search of its own for each frame, the animation would jump.
   */
  freezeForAnimation?(params: z.output<P>): FreezeForAnimation | undefined
  /** Returns the origin of the focal regions that the operation crops to, if they have to be found in the source. */
  focusOrigin?(params: z.output<P>): FocusOrigin | undefined
  /**
   * Returns the place of a region after the operation, in fractions that may lie outside of the picture; undefined if that
   * depends on the pixels. @default the same fractions
   */
  moveRegion?(
    params: z.output<P>,
    region: FocalRegion,
    from: Picture,
    focus: readonly FocalRegion[] | undefined,
  ): FocalRegion | undefined
  /** Returns changes of the picture other than its size. */
  changesPicture?(params: z.output<P>, from: Picture): Partial<Pick<Picture, 'alpha' | 'space'>>
  /** Returns a colour that the operation adds. A grey picture needs three channels for it. */
  addsColor?(params: z.output<P>): string | undefined
}

/** A setting of the whole list. Its position does not matter; setting it twice is an error. */
export interface SettingOp<
  N extends string = string,
  P extends z.ZodType = z.ZodType,
  S extends z.ZodType = z.ZodType,
> extends OpDescription<N, P, S> {
  readonly kind: 'setting'
}

export type Op = PixelOp | SettingOp

/**
 * Functions that create the schemas of an operation. They are called when a schema is first used: a run uses few operations,
 * and creating the schemas of all took a tenth of the time of one image.
 */
interface CreateSchemas<P extends z.ZodType, S extends z.ZodType> {
  readonly params: () => P
  readonly shorthand?: Omit<Shorthand<P, S>, 'schema'> & { readonly schema: () => S }
}

/** Declares an operation on pixels. Each has one file and one line in the registry. */
export function defineOp<const N extends string, P extends z.ZodType, S extends z.ZodType = z.ZodNever>(
  op: Omit<PixelOp<N, P, S>, 'kind' | keyof CreateSchemas<P, S>> & CreateSchemas<P, S>,
): PixelOp<N, P, S> {
  return withSchemas<P, S, PixelOp<N, P, S>>({ kind: 'pixels', ...op })
}

/** Declares a setting of the whole list. */
export function defineSetting<const N extends string, P extends z.ZodType, S extends z.ZodType = z.ZodNever>(
  op: Omit<SettingOp<N, P, S>, 'kind' | keyof CreateSchemas<P, S>> & CreateSchemas<P, S>,
): SettingOp<N, P, S> {
  return withSchemas<P, S, SettingOp<N, P, S>>({ kind: 'setting', ...op })
}

/** Replaces the functions that create schemas by getters. */
function withSchemas<P extends z.ZodType, S extends z.ZodType, O extends Op>({
  params,
  shorthand,
  ...others
}: Omit<O, keyof CreateSchemas<P, S>> & CreateSchemas<P, S>): O {
  const schemas = { params: { get: once(params), enumerable: true } }
  const op = Object.defineProperties(others, schemas)
  if (shorthand === undefined) return op as unknown as O // declared with everything else
  const short = { read: shorthand.read }
  Object.defineProperty(short, 'schema', { get: once(shorthand.schema), enumerable: true })
  return Object.assign(op, { shorthand: short }) as unknown as O // as above
}
