import pLimit from 'p-limit'
import { toImgprocError, type ImgprocError } from '../errors.js'
import { createSharedPixels } from './shared-pixels.js'
import { recipeOf } from '../render/recipe.js'
import { encodeRendition, type Encoded } from '../render/render-rendition.js'
import type { OpenImage } from '../image/open-image.js'
import type { Rendition } from './types.js'

/** Renditions of one source that are in work or hold pixels for it. */
const AT_ONCE = 4

/** Does something when its turn has come. */
type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Encodes renditions of one source, each as soon as it can be: what they share is made one by one, and the encoders,
 * which take longest, work beside one another. So a single picture keeps all cores busy, and so do the last of many.
 *
 * @returns what becomes of each; once one has failed for the source's sake those that haven't begun fail likewise.
 */
export function renderAll(
  image: OpenImage,
  renditions: readonly Rendition[],
  compute: InTurn,
): ReadonlyMap<Rendition, Promise<Encoded>> {
  const [only] = renditions
  // Most images have one rendition, which shares nothing and waits for nobody.
  if (only !== undefined && renditions.length === 1 && only.sharedWidth === undefined) {
    const encoding = compute(() => encodeRendition(image, only.ops))
    encoding.catch(() => {})
    return new Map([[only, encoding]])
  }
  const findStart = createSharedPixels(renditions)
  const oneByOne = pLimit(1)
  const beside = pLimit(AT_ONCE)
  let damage: { readonly error: unknown } | undefined
  const encodeOne = async ({ ops, sharedWidth }: Rendition) => {
    if (damage !== undefined) throw damage.error
    // A turn that waits for another's pixels would be a core that does nothing.
    const start = await oneByOne(() => compute(() => findStart(image, recipeOf(ops), sharedWidth)))
    return compute(() => encodeRendition(image, ops, start))
  }
  return new Map(
    widestFirst(renditions).map((rendition) => {
      const encoding = beside(() => encodeOne(rendition))
      // Otherwise it is heard of when its turn to be written comes.
      encoding.catch((error: unknown) => {
        if (failsSource(toImgprocError(error))) damage ??= { error }
      })
      return [rendition, encoding]
    }),
  )
}

/** So that no core is left with a large one in the end; those of a width stay together, since they share pixels. */
function widestFirst(renditions: readonly Rendition[]): readonly Rendition[] {
  return renditions.toSorted((a, b) => (b.width ?? 0) - (a.width ?? 0))
}

/** Whether an error is one of the source as a whole, whatever was to be made of it: it is damaged, or unwelcome. */
export function failsSource({ stage, code }: ImgprocError): boolean {
  return stage === 'decode' || code === 'ABORTED'
}
