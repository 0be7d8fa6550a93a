import { sharp } from '../sharp.js'
import type { FormatType } from '../operations/settings/format.js'
import type { ImageOp, OpName } from '../operations/image-op.generated.js'
import { readOps } from '../operations/parse-operations.js'
import type { Size } from '../picture.js'
import type { PixelOperation } from '../render/passes/plan-passes.js'
import type { RenderStart } from '../render/preview/embedded-preview.js'
import { pictureAfterRecipe } from '../render/render-rendition.js'
import { colourspace } from '../render/passes/run-pass.js'
import { explainErrors } from '../render/passes/explain-errors.js'
import { checkOperations, refuseToRead, runPasses } from '../render/passes/run-passes.js'
import { toRecipe, type Recipe, recipeOf } from '../render/recipe.js'
import { pictureOf, type OpenImage } from '../image/open-image.js'
import { isFixedEncoding } from '../render/encode/search-encoding.js'
import type { Rendition } from './types.js'

/*
 * Renditions of one source share pixels in two ways. Renditions that differ only in the encoder have the same pixels,
 * which are rendered once. And a JPEG is not decoded again for each width of a preset: if the result is at least as
 * close to a full decode, a smaller width is rendered from the pixels of the preset's largest width, the shared width.
 * That choice depends only on the recipe and the source, never on the other renditions of the job. A rendition
 * therefore has the same pixels if it is rendered alone.
 */

/** Finds the pixels to render a recipe from. Returns undefined if that is the source itself. */
export type FindRenderStart = (
  image: OpenImage,
  recipe: Recipe,
  sharedWidth?: number,
) => Promise<RenderStart | undefined>

/** Largest picture whose pixels are cached: 48 MB with three channels. */
const MAX_PIXELS = 2 ** 24

/** Shares pixels among renditions of one source. Caches those of the shared width and those rendered last. */
export function createSharedPixels(renditions: readonly Rendition[]): FindRenderStart {
  const shared = findShared(renditions)
  const cache = new Map<string, Promise<OpenImage>>()
  const cached = (key: string, sharedWidthKey: string | undefined, make: () => Promise<OpenImage>) => {
    const known = cache.get(key)
    if (known !== undefined) return known
    for (const other of cache.keys()) if (other !== sharedWidthKey) cache.delete(other)
    const made = make()
    cache.set(key, made)
    return made
  }
  return async (image, recipe, width) => {
    // Most images have one rendition, which shares nothing.
    if ((width === undefined && shared.size === 0) || !isShareable(image, recipe)) return undefined
    const toSharedWidth = width === undefined ? undefined : scaleTo({ width })
    const sharedWidthKey = toSharedWidth && keyOf(toSharedWidth)
    const rest = toSharedWidth && operationsFromSharedWidth(image, recipe, toSharedWidth)
    const start = rest && {
      image: await cached(keyOf(toSharedWidth), sharedWidthKey, () => renderPixels(image, toSharedWidth)),
      recipe: { ...recipe, pixels: rest },
    }
    const key = keyOf(recipe.pixels)
    if (!shared.has(key) && !cache.has(key)) return start
    const from = start ?? { image, recipe }
    const rendered = await cached(key, sharedWidthKey, () => renderPixels(from.image, from.recipe.pixels))
    return { image: rendered, recipe: { ...recipe, pixels: [] } }
  }
}

/**
 * Returns true if a preset's widths may be rendered from its largest width.
 *
 * @param before operations before the resize to a width.
 * @param after operations after it.
 */
export function canShareWidest(before: readonly ImageOp[], after: readonly ImageOp[]): boolean {
  const [first, then] = [before, after].map((ops) => recipeOf(ops))
  return first?.pixels.length === 0 && then?.pixels.every(({ name }) => STABLE.has(name)) === true
}

/**
 * Operations that do not search or stretch the pixels: a slightly different input gives a slightly different output.
 */
const STABLE: ReadonlySet<OpName> = new Set<OpName>(['blur', 'flip', 'flop', 'sharpen'])
/** Operations after which sharp has 8 bits a channel, so that storing the pixels before encoding loses nothing. */
const STORABLE: ReadonlySet<OpName> = new Set<OpName>([...STABLE, 'crop', 'resize', 'thumbnail'])

/** Returns true for an opaque 8-bit still without kept metadata, and a format that leaves nothing to search for. */
function isShareable(image: OpenImage, recipe: Recipe): boolean {
  const { metadata, draw } = image
  const { format, keep, autoOrient, preview, pixels, page } = recipe
  if (
    format === undefined ||
    !SHAREABLE_FORMATS.has(format.type) ||
    !isFixedEncoding(format) ||
    format.neverGrow === true
  )
    return false
  if (draw !== undefined || page !== undefined || (metadata.pages ?? 1) > 1 || metadata.gainMap !== undefined)
    return false
  if (Object.values(keep).some(Boolean) || !autoOrient || preview !== undefined) return false
  if (!pixels.every(({ name }) => STORABLE.has(name))) return false
  const before = pictureOf(image, true, false)
  const to = pictureAfterRecipe(before, recipe)
  if (to === undefined || to.width * to.height > MAX_PIXELS) return false
  const { alpha, depth, space } = before
  return !alpha && !to.alpha && depth === 8 && metadata.depth === 'uchar' && space !== 'cmyk'
}

/** PNG and TIFF would contain another density. */
const SHAREABLE_FORMATS: ReadonlySet<string> = new Set<FormatType>(['avif', 'jpeg', 'jxl', 'webp'])

/**
 * Ranges in which resizing from the shared width measured closer to a full decode than shrink-on-load, from inclusive
 * to exclusive. `scale`: source / target; `sharedScale`: shared width / target. Elsewhere shrink-on-load is closer, if
 * only slightly.
 */
const CLOSER_FROM_SHARED_WIDTH = [
  { scale: [3, 4], sharedScale: [1.3, 3.4] },
  { scale: [6, 7], sharedScale: [1.3, 3.2] },
  { scale: [7, 8], sharedScale: [2.5, 4] },
  { scale: [7, 8], sharedScale: [6, 7] },
  { scale: [9, 13], sharedScale: [1.1, 7] },
] as const
/** Below this scale sharp decodes a JPEG at full size. */
const MIN_SHRINK_SCALE = 3

/** Returns the operations that remain from the shared width on; undefined if the source is the better start. */
function operationsFromSharedWidth(
  image: OpenImage,
  { pixels }: Recipe,
  toSharedWidth: readonly PixelOperation[],
): PixelOperation[] | undefined {
  if (image.format !== 'jpeg') return undefined
  const from = pictureOf(image, true, false)
  const [scaling, ...rest] = pixels
  const shared = toSharedWidth[0]?.op.size(toSharedWidth[0].params, from)
  const to = scaling?.op.size(scaling.params, from)
  if (shared === undefined || to === undefined || shared.width * shared.height > MAX_PIXELS) return undefined
  const [scale, sharedScale] = [scaleBetween(from, to), scaleBetween(shared, to)]
  const isCloser = CLOSER_FROM_SHARED_WIDTH.some(
    (range) => isWithin(scale, range.scale) && isWithin(sharedScale, range.sharedScale),
  )
  if (scaleBetween(from, shared) >= MIN_SHRINK_SCALE || !isCloser) return undefined
  // Sets both sides: a height computed from the shared width could differ by a pixel.
  return [...scaleTo({ ...toSize(to), fit: 'fill' }), ...rest]
}

function isWithin(value: number, [from, to]: readonly [number, number]): boolean {
  return value >= from && value < to
}

/** Returns the lesser of the two sides' factors, by which sharp chooses shrink-on-load. */
function scaleBetween(large: Size, small: Size): number {
  return Math.min(large.width / small.width, large.height / small.height)
}

function toSize({ width, height }: Size): Size {
  return { width, height }
}

function scaleTo(to: Partial<Size> & { readonly fit?: 'fill' }): readonly PixelOperation[] {
  return toRecipe(readOps([{ resize: to }])).pixels
}

/** Returns the keys of pixels that more than one rendition needs. */
function findShared(renditions: readonly Rendition[]): ReadonlySet<string> {
  if (renditions.length < 2) return new Set()
  const keys = renditions.map(({ ops }) => keyOf(recipeOf(ops).pixels))
  return new Set(keys.filter((key, at) => keys.indexOf(key) < at))
}

function keyOf(pixels: readonly PixelOperation[]): string {
  return JSON.stringify(pixels.map(({ name, params }) => [name, params]))
}

/** Applies operations to a shareable image. Returns an image of raw pixels. */
async function renderPixels(image: OpenImage, operations: readonly PixelOperation[]): Promise<OpenImage> {
  const { options, hasCredentials = false } = image
  const source = { kind: 'source', image, bytes: image.bytes } as const
  const picture = pictureOf(image, true, false)
  checkOperations(operations, picture, options.limits)
  const { last, pass } = await runPasses(source, operations, picture, options.limits, {
    keep: toRecipe([]).keep,
    autoOrient: true,
    orientation: undefined,
    xmp: undefined,
    attach: async (data) => data,
    tellsDensity: false,
    timeout: options.limits.seconds,
    read: refuseToRead,
  })
  const pixels = last.toColourspace(colourspace(pass.to)).raw()
  const { data, info } = await explainErrors(
    pixels.toBuffer({ resolveWithObject: true }),
    source,
    options.limits.seconds,
  )
  const { width, height, channels } = info
  const raw = { width, height, channels }
  // Leaves out the source's `decoded`, `draw` and `release`: they belong to its own pixels.
  return {
    format: image.format,
    options,
    bytes: data,
    raw,
    hasCredentials,
    metadata: await sharp(data, { raw, limitInputPixels: false }).metadata(),
  }
}
