import { toImgprocError, type ImgprocError } from '../errors.js'
import type { OpenImage } from '../image/open-image.js'
import type { JobFindings } from './job-findings.js'
import type { PageImages } from './page-images.js'
import { skipReason } from './skip-rules.js'
import type { Job, Rendition } from './types.js'
import { blurAfter, createUnsafeError, unsafeReason } from './unsafe-policy.js'

/** The fate of a rendition: skipped, failed or made. */
export type Decision =
  | { readonly skip: string }
  | { readonly error: ImgprocError }
  /** The rendition to make, and a warning for its result. */
  | { readonly make: Rendition; readonly warning?: string }

/** Decides for each rendition of a job if it is made. A source that cannot be judged is not taken for safe. */
export async function applyPolicies(
  image: OpenImage,
  pages: PageImages,
  { renditions }: Pick<Job, 'renditions'>,
  { find }: JobFindings,
  compute: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<ReadonlyMap<Rendition, Decision>> {
  const decisions = new Map<Rendition, Decision>()
  for (const rendition of renditions) {
    const skip = skipReason(rendition, (ops) => pages.pictureAfter(rendition, ops))
    if (skip !== undefined) decisions.set(rendition, { skip })
    else
      decisions.set(
        rendition,
        await judge(rendition, image, pages, async () => compute(() => find('moderation', image))),
      )
  }
  return decisions
}

async function judge(
  rendition: Rendition,
  image: OpenImage,
  pages: PageImages,
  moderate: () => Promise<unknown>,
): Promise<Decision> {
  const { whenUnsafe, sharedWidth: _, ...others } = rendition
  if (whenUnsafe === undefined) return { make: rendition }
  try {
    const reason = unsafeReason(whenUnsafe, await moderate())
    if (reason === undefined) return { make: rendition }
    if (whenUnsafe.do === 'skip') return { skip: reason }
    if (whenUnsafe.do === 'fail') return { error: createUnsafeError(reason) }
    const size = pages.pictureAfter(rendition, rendition.ops) ?? image.metadata
    return { make: { ...others, ops: blurAfter(rendition.ops, size) }, warning: `Blurred: ${reason}.` }
  } catch (error) {
    return { error: toImgprocError(error) }
  }
}
