import { ImgprocError } from '../errors.js'
import type { FocusOrigin } from '../operations/define-operation.js'
import { clipRegion, type FocalRegion } from '../operations/focal.js'
import { pictureOf, type OpenImage } from '../image/open-image.js'
import { readFocalRegions } from '../metadata/xmp/focal-regions.js'
import { applyToPicture, type PixelOperation } from './passes/plan-passes.js'
import type { Recipe } from './recipe.js'

/**
 * Returns a recipe in which each operation that crops to regions of the source knows them, as they lie in the picture that
 * it gets. Other recipes are returned unchanged.
 *
 * Throws INVALID_OPERATION if an operation before moves the pixels in a way that depends on them.
 */
export async function findFocus(image: OpenImage, recipe: Recipe): Promise<Recipe> {
  if (recipe.pixels.every((operation) => originOf(operation) === undefined)) return recipe
  const pixels: PixelOperation[] = []
  for (const operation of recipe.pixels) {
    const origin = originOf(operation)
    if (origin === undefined) pixels.push(operation)
    else {
      const regions = await FIND[origin](image, recipe.autoOrient)
      pixels.push({ ...operation, focus: moveRegions(regions, operation, { image, recipe, before: pixels }) })
    }
  }
  return { ...recipe, pixels }
}

function originOf({ op, params }: PixelOperation): FocusOrigin | undefined {
  return op.focusOrigin?.(params)
}

/** Finds the regions of a source, the most important first, in the picture before its operations. */
type FindRegions = (image: OpenImage, autoOrient: boolean) => Promise<readonly FocalRegion[]>

const FIND: Readonly<Record<FocusOrigin, FindRegions>> = {
  faces: async (image, autoOrient) => findInPicture('faces', image, autoOrient),
  objects: async (image, autoOrient) => findInPicture('objects', image, autoOrient),
  metadata: async ({ metadata }, autoOrient) => {
    const { xmp, width, height, orientation = 1 } = metadata
    if (xmp === undefined) return []
    return readFocalRegions(xmp, { width, height, orientation: autoOrient ? orientation : 1 })
  },
}

/** Asks for regions in the upright picture. Throws INVALID_OPERATION if they do not hold for the picture or nobody finds them. */
async function findInPicture(
  what: 'faces' | 'objects',
  image: OpenImage,
  autoOrient: boolean,
): Promise<readonly FocalRegion[]> {
  const { findRegions } = image.options
  if (!autoOrient && (image.metadata.orientation ?? 1) !== 1) {
    const message = `${what} are found in the upright picture. Remove autoOrient: false, or state a focal point.`
    throw new ImgprocError('INVALID_OPERATION', message)
  }
  if (findRegions === undefined)
    throw new ImgprocError('INVALID_OPERATION', `Regions of ${what} are not found here.`)
  return findRegions(what, image)
}

/** Operations before the one that needs the regions. */
interface Before {
  readonly image: OpenImage
  readonly recipe: Recipe
  readonly before: readonly PixelOperation[]
}

/** Returns regions as they lie after operations. Those outside of the picture are left out. */
function moveRegions(
  regions: readonly FocalRegion[],
  { name }: PixelOperation,
  { image, recipe, before }: Before,
): readonly FocalRegion[] {
  let picture = pictureOf(image, recipe.autoOrient, false, recipe.density)
  let moved = regions.flatMap((region) => clipRegion(region) ?? [])
  for (const operation of before) {
    const { op, params, focus } = operation
    moved = moved.flatMap((region) => {
      const to = op.moveRegion === undefined ? region : op.moveRegion(params, region, picture, focus)
      if (to === undefined) throw createMovedError(name, operation.name)
      return clipRegion(to) ?? []
    })
    picture = applyToPicture(operation, picture)
  }
  return moved
}

function createMovedError(name: string, before: string): ImgprocError {
  const message = `${name}: the regions of the source can't be followed through ${before} before it. Put ${name} before ${before}, or state a focal point such as 30%x40%.`
  return new ImgprocError('INVALID_OPERATION', message)
}
