import { sharp } from '../sharp.js'
import type { FormatType } from '../operations/settings/format.js'
import type { ImageOp, OpName } from '../operations/image-op.generated.js'
import { readOps } from '../operations/parse-operations.js'
import type { Size } from '../picture.js'
import type { PixelOperation } from '../render/passes/plan-passes.js'
import type { RenderStart } from '../render/preview/embedded-preview.js'
import { pictureAfterRecipe } from '../render/render-rendition.js'
import { colourspace } from '../render/passes/run-pass.js'
import { checkOperations, finishing, runPasses } from '../render/passes/run-passes.js'
import { toRecipe, type Recipe, recipeOf } from '../render/recipe.js'
import { pictureOf, type OpenImage } from '../image/open-image.js'
import { isFixedEncoding } from '../render/encode/search-encoding.js'
import type { Rendition } from './types.js'

/*
 * Renditions of one source share what they have in common. Those that differ in nothing but the encoder have the same
 * pixels: these are made once. And a JPEG isn't decoded anew for each width: where that comes at least as near to a
 * full decode, a small width is made from the pixels of the preset's largest, its level. Which it is depends on the
 * recipe and the source alone, never on what else is made, so that a rendition made by itself has the same pixels.
 */

/** What a rendition of a source is made from, where that isn't the source; undefined where it is. */
export type FindRenderStart = (
  image: OpenImage,
  recipe: Recipe,
  sharedWidth?: number,
) => Promise<RenderStart | undefined>

/** Pixels that are held at most, 48 MB of them: what is larger is made by itself. */
const MOST = 2 ** 24

/** Shares pixels among renditions of one source, of which it holds a level and those made last. */
export function createSharedPixels(renditions: readonly Rendition[]): FindRenderStart {
  const shared = findShared(renditions)
  const held = new Map<string, Promise<OpenImage>>()
  const hold = (key: string, level: string | undefined, make: () => Promise<OpenImage>) => {
    const known = held.get(key)
    if (known !== undefined) return known
    for (const other of held.keys()) if (other !== level) held.delete(other)
    const made = make()
    held.set(key, made)
    return made
  }
  return async (image, recipe, width) => {
    // Most images have one rendition, which shares nothing.
    if ((width === undefined && shared.size === 0) || !isPlain(image, recipe)) return undefined
    const widest = width === undefined ? undefined : scaleTo({ width })
    const level = widest && keyOf(widest)
    const fromLevel = widest && moveToLevel(image, recipe, widest)
    const start = fromLevel && {
      image: await hold(keyOf(widest), level, () => makePixels(image, widest)),
      recipe: { ...recipe, pixels: fromLevel },
    }
    const key = keyOf(recipe.pixels)
    if (!shared.has(key) && !held.has(key)) return start
    const from = start ?? { image, recipe }
    const made = await hold(key, level, () => makePixels(from.image, from.recipe.pixels))
    return { image: made, recipe: { ...recipe, pixels: [] } }
  }
}

/** Whether a preset's widths may be made from the widest: of operations before and after those to the widths. */
export function canShareWidest(before: readonly ImageOp[], after: readonly ImageOp[]): boolean {
  const [first, then] = [before, after].map((ops) => recipeOf(ops))
  return first?.pixels.length === 0 && then?.pixels.every(({ name }) => SAFE.has(name)) === true
}

/** What looks for nothing in the pixels and stretches nothing: it does the same to what is a little different. */
const SAFE: ReadonlySet<OpName> = new Set<OpName>(['blur', 'flip', 'flop', 'sharpen'])
/** What comes out of sharp in the eight bits that it is encoded from. */
const EXACT: ReadonlySet<OpName> = new Set<OpName>([...SAFE, 'crop', 'resize', 'thumbnail'])

/** An opaque still of 8 bits that keeps nothing but its pixels, and an encoder that is told everything. */
function isPlain(image: OpenImage, recipe: Recipe): boolean {
  const { metadata, draw } = image
  const { format, keep, autoOrient, preview, pixels } = recipe
  if (
    format === undefined ||
    !ENCODERS.has(format.type) ||
    !isFixedEncoding(format) ||
    format.neverGrow === true
  )
    return false
  if (draw !== undefined || (metadata.pages ?? 1) > 1 || metadata.gainMap !== undefined) return false
  if (Object.values(keep).some(Boolean) || !autoOrient || preview !== undefined) return false
  if (!pixels.every(({ name }) => EXACT.has(name))) return false
  const before = pictureOf(image, true, false)
  const to = pictureAfterRecipe(before, recipe)
  if (to === undefined || to.width * to.height > MOST) return false
  const { alpha, depth, space } = before
  return !alpha && !to.alpha && depth === 8 && metadata.depth === 'uchar' && space !== 'cmyk'
}

/** PNG and TIFF would say another density. */
const ENCODERS: ReadonlySet<string> = new Set<FormatType>(['avif', 'jpeg', 'webp'])

/**
 * How many times a width goes into the picture, and the level into neither less nor more often, where the level was
 * measured to be the better start. Elsewhere a decoder that shrinks is nearer to a full decode, if only by a little.
 */
const BETTER = [
  { shrinks: [3, 4], level: [1.3, 3.4] },
  { shrinks: [6, 7], level: [1.3, 3.2] },
  { shrinks: [7, 8], level: [2.5, 4] },
  { shrinks: [7, 8], level: [6, 7] },
  { shrinks: [9, 13], level: [1.1, 7] },
] as const
/** Below, sharp decodes a JPEG at full size. */
const FULL = 3

/** A recipe's operations on the pixels of its level; undefined where the source is the better start. */
function moveToLevel(
  image: OpenImage,
  { pixels }: Recipe,
  widest: readonly PixelOperation[],
): PixelOperation[] | undefined {
  if (image.format !== 'jpeg') return undefined
  const from = pictureOf(image, true, false)
  const [scaling, ...rest] = pixels
  const level = widest[0]?.op.size(widest[0].params, from)
  const to = scaling?.op.size(scaling.params, from)
  if (level === undefined || to === undefined || level.width * level.height > MOST) return undefined
  const [shrinks, ratio] = [timesInto(from, to), timesInto(level, to)]
  const isBetter = BETTER.some((range) => lies(shrinks, range.shrinks) && lies(ratio, range.level))
  if (timesInto(from, level) >= FULL || !isBetter) return undefined
  // To the very size: of the level's own sides it might be another by a pixel.
  return [...scaleTo({ ...toSize(to), fit: 'fill' }), ...rest]
}

function lies(value: number, [from, to]: readonly [number, number]): boolean {
  return value >= from && value < to
}

/** The lesser of two factors, by which sharp decides how to decode. */
function timesInto(large: Size, small: Size): number {
  return Math.min(large.width / small.width, large.height / small.height)
}

function toSize({ width, height }: Size): Size {
  return { width, height }
}

function scaleTo(to: Partial<Size> & { readonly fit?: 'fill' }): readonly PixelOperation[] {
  return toRecipe(readOps([{ resize: to }])).pixels
}

/** What more than one rendition makes of the pixels. */
function findShared(renditions: readonly Rendition[]): ReadonlySet<string> {
  if (renditions.length < 2) return new Set()
  const keys = renditions.map(({ ops }) => keyOf(recipeOf(ops).pixels))
  return new Set(keys.filter((key, at) => keys.indexOf(key) < at))
}

function keyOf(pixels: readonly PixelOperation[]): string {
  return JSON.stringify(pixels.map(({ name, params }) => [name, params]))
}

/** The pixels that operations make of a plain image, as an image. */
async function makePixels(image: OpenImage, operations: readonly PixelOperation[]): Promise<OpenImage> {
  const { options } = image
  const source = { kind: 'source', image, bytes: image.bytes } as const
  const picture = pictureOf(image, true, false)
  checkOperations(operations, picture, options.limits)
  const { last, pass } = await runPasses(source, operations, picture, options.limits, {
    keep: toRecipe([]).keep,
    autoOrient: true,
    orientation: undefined,
    xmp: undefined,
    density: undefined,
    tellsDensity: false,
    timeout: options.limits.seconds,
    read: refuseToRead,
  })
  const pixels = last.toColourspace(colourspace(pass.to)).raw()
  const { data, info } = await finishing(pixels.toBuffer({ resolveWithObject: true }), source)
  const { width, height, channels } = info
  const raw = { width, height, channels }
  // Nothing else of the source goes along: what is decoded of it are other pixels.
  return {
    format: image.format,
    options,
    bytes: data,
    raw,
    metadata: await sharp(data, { raw, limitInputPixels: false }).metadata(),
  }
}

async function refuseToRead(): Promise<never> {
  throw new Error('What reads files is not shared.')
}
