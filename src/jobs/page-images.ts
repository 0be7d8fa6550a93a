import { atOnce, type OpenImage } from '../image/open-image.js'
import type { Compute } from '../image/types.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import type { Picture } from '../picture.js'
import { openPage } from '../render/pages/open-page.js'
import { recipeOf } from '../render/recipe.js'
import { pictureAfter } from '../render/render-rendition.js'
import { estimateMemory } from './job-memory.js'
import type { Rendition } from './types.js'

/** Pages of one source that renditions ask for. They may differ in size. */
export interface PageImages {
  /** Returns the picture after operations on the page of a rendition; undefined if it depends on the pixels, or there is no page. */
  readonly pictureAfter: (rendition: Pick<Rendition, 'ops'>, ops: readonly ImageOp[]) => Picture | undefined
  /** Bytes of memory of the rendition that needs most. */
  readonly memory: number
}

/** Opens the pages that renditions ask for. A page that cannot be opened fails when it is rendered. */
export async function openPages(
  image: OpenImage,
  renditions: readonly Rendition[],
  compute: Compute = atOnce,
): Promise<PageImages> {
  const images = new Map<number, OpenImage | undefined>()
  const memory = estimateMemory(image, renditions)
  for (const { ops } of renditions) {
    const { page } = recipeOf(ops)
    if (page === undefined || images.has(page)) continue
    images.set(page, await compute(() => openPage(image, page), memory).catch(() => undefined))
  }
  const imageFor = ({ ops }: Pick<Rendition, 'ops'>) => {
    const { page } = recipeOf(ops)
    return page === undefined ? image : images.get(page)
  }
  const needed = renditions.map((rendition) => {
    const shown = imageFor(rendition)
    return shown === undefined || shown === image ? 0 : estimateMemory(shown, [rendition])
  })
  return {
    memory: Math.max(memory, ...needed),
    pictureAfter(rendition, ops) {
      const shown = imageFor(rendition)
      return shown && pictureAfter(shown, ops)
    },
  }
}
