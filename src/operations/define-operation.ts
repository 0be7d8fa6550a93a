import type { KernelEnum, Sharp } from 'sharp'
import type { z } from 'zod'
import type { ImageOp } from './image-op.generated.js'
import type { Gravity } from './parameters.js'
import type { Picture, Size } from '../picture.js'

/** One trip through sharp, while it is being planned. */
export interface Pass {
  /** The picture that enters. */
  readonly from: Picture
  /** The picture after the operations that are in the pass so far. */
  readonly to: Picture
  /** The highest slot taken. 0 in an empty pass. */
  readonly last: number
  has(...names: string[]): boolean
}

/** Finds what is to be kept of the frames of an animation, and says it in operations that don't look. */
export type FreezeForAnimation = (frames: readonly Sharp[], context: OpContext) => Promise<readonly ImageOp[]>

/** What an operation is given beside its parameters. */
export interface OpContext {
  /** The picture that the operation meets. */
  readonly from: Picture
  /** The size that it has to make; the size of `from` where only the pixels tell. */
  readonly to: Size
  /** Reads a file that parameters name, as far as the caller allows. */
  readonly read: (ref: string) => Promise<Uint8Array>
}

/** A short spelling of an operation's parameters: a text or number, and what it stands for. */
export interface Shorthand<P extends z.ZodType, S extends z.ZodType> {
  readonly schema: S
  read(value: z.output<S>): z.input<P>
}

/** A shorthand with parameters behind it, as flags, URLs and config files write them: `webp:quality=80`. */
type TextOf<S extends z.ZodType> = `${Extract<z.input<S>, string | number>}:${string}=${string}`

interface OpDescription<N extends string, P extends z.ZodType, S extends z.ZodType> {
  readonly name: N
  /** The parameters with another name for each file that they name. */
  files?(params: z.output<P>, rename: (ref: string) => string): z.output<P>
  /** One sentence: for help, docs and schema. */
  readonly summary: string
  readonly params: P
  readonly shorthand?: Shorthand<P, S>
  /** Run by a test, shown in help and docs. */
  readonly example: z.input<P> | z.input<S> | TextOf<S>
}

/** An operation on pixels. */
export interface PixelOp<
  N extends string = string,
  P extends z.ZodType = z.ZodType,
  S extends z.ZodType = z.ZodType,
> extends OpDescription<N, P, S> {
  readonly kind: 'pixels'
  /** The size that it makes of a picture; undefined where only the pixels tell. */
  size(params: z.output<P>, from: Picture): Size | undefined
  /** Why a picture can't have this done to it, if it can't. */
  check?(params: z.output<P>, from: Picture): string | undefined
  /** Whether it leaves such a picture as it is: then it has no part in a pass. */
  isNoop?(params: z.output<P>, from: Picture): boolean
  /** Its slot in sharp's own order, given what the pass holds already; 'new' where it can't join. */
  place(params: z.output<P>, pass: Pass): number | 'new'
  /** Its kernel, where it does nothing but scale: then it may go ahead of turns, for a decoder that shrinks. */
  scales?(params: z.output<P>): keyof KernelEnum | undefined
  /** What it keeps, where it does nothing but scale to cover a size, by libvips' usual kernel. */
  covers?(params: z.output<P>): Gravity | undefined
  /** Quarter turns, where it does nothing but turn (or mirror: 0). */
  turns?(params: z.output<P>): number | undefined
  apply(image: Sharp, params: z.output<P>, context: OpContext): Sharp | Promise<Sharp>
  /**
   * For an operation that looks at the pixels to find what it keeps: how that is settled for all frames of an
   * animation alike, which would jump if each frame had its own.
   */
  freezeForAnimation?(params: z.output<P>): FreezeForAnimation | undefined
  /** What else it changes of the picture. */
  changesPicture?(params: z.output<P>, from: Picture): Partial<Pick<Picture, 'alpha' | 'space'>>
  /** A colour that it brings in: a grey picture needs three channels for it. */
  addsColor?(params: z.output<P>): string | undefined
}

/** A setting of the whole list: its position doesn't matter, and twice is an error. */
export interface SettingOp<
  N extends string = string,
  P extends z.ZodType = z.ZodType,
  S extends z.ZodType = z.ZodType,
> extends OpDescription<N, P, S> {
  readonly kind: 'setting'
}

export type Op = PixelOp | SettingOp

/** Declares an operation on pixels: one file, one line in the registry. */
export function defineOp<const N extends string, P extends z.ZodType, S extends z.ZodType = z.ZodNever>(
  op: Omit<PixelOp<N, P, S>, 'kind'>,
): PixelOp<N, P, S> {
  return { kind: 'pixels', ...op }
}

/** Declares a setting. */
export function defineSetting<const N extends string, P extends z.ZodType, S extends z.ZodType = z.ZodNever>(
  op: Omit<SettingOp<N, P, S>, 'kind'>,
): SettingOp<N, P, S> {
  return { kind: 'setting', ...op }
}
