import pLimit from 'p-limit'
import { toImgprocError, type ImgprocError } from '../errors.js'
import { createSharedPixels } from './shared-pixels.js'
import { findFocus } from '../render/find-focus.js'
import { recipeOf } from '../render/recipe.js'
import { encodeRendition, type Encoded } from '../render/render-rendition.js'
import type { OpenImage } from '../image/open-image.js'
import type { Rendition } from './types.js'

/** Renditions of one source that are rendered, or hold their pixels, at once. */
const MAX_AT_ONCE = 4

/** Runs work when a core and memory are free. */
type ComputeInTurn = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Encodes renditions of one source. Pixels that they share are rendered one after the other. The encoders, which take
 * longest, run in parallel, so that a single source keeps all cores busy.
 *
 * @returns a promise for each rendition. Once one fails because the source is damaged, or the run is aborted, those
 * that have not started fail with the same error.
 */
export function renderAll(
  image: OpenImage,
  renditions: readonly Rendition[],
  compute: ComputeInTurn,
): ReadonlyMap<Rendition, Promise<Encoded>> {
  const [only] = renditions
  // Most images have one rendition, which shares nothing.
  if (only !== undefined && renditions.length === 1 && only.sharedWidth === undefined) {
    const encoding = compute(() => encodeRendition(image, only.ops))
    encoding.catch(() => {})
    return new Map([[only, encoding]])
  }
  const findStart = createSharedPixels(renditions)
  const sequential = pLimit(1)
  const parallel = pLimit(MAX_AT_ONCE)
  let sourceFailure: { readonly error: unknown } | undefined
  const encodeOne = async ({ ops, sharedWidth }: Rendition) => {
    if (sourceFailure !== undefined) throw sourceFailure.error
    // Waits for shared pixels before its turn: inside it, a core would be idle.
    const start = await sequential(() =>
      compute(async () => findStart(image, await findFocus(image, recipeOf(ops)), sharedWidth)),
    )
    return compute(() => encodeRendition(image, ops, start))
  }
  return new Map(
    widestFirst(renditions).map((rendition) => {
      const encoding = parallel(() => encodeOne(rendition))
      // Other errors are reported when the rendition is to be written.
      encoding.catch((error: unknown) => {
        if (failsSource(toImgprocError(error))) sourceFailure ??= { error }
      })
      return [rendition, encoding]
    }),
  )
}

/**
 * Sorts large renditions first, so that no core is busy with one at the end. Equal widths share pixels and stay
 * together.
 */
function widestFirst(renditions: readonly Rendition[]): readonly Rendition[] {
  return renditions.toSorted((a, b) => (b.width ?? 0) - (a.width ?? 0))
}

/** Returns true if an error fails the whole source, not only one rendition: it cannot be decoded, or was aborted. */
export function failsSource({ stage, code }: ImgprocError): boolean {
  return stage === 'decode' || code === 'ABORTED'
}
