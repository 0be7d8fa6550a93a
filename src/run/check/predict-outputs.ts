import pLimit from 'p-limit'
import { FORMATS, defaultFormat } from '../../image/output-formats.js'
import { openImage, type OpenImage } from '../../image/open-image.js'
import { skipReason } from '../../jobs/skip-rules.js'
import type { Job, Rendition } from '../../jobs/types.js'
import { isPipe } from '../../paths/location.js'
import { fillTarget, isOpen } from '../../paths/template.js'
import { isDataUrl } from '../../paths/url.js'
import { recipeOf } from '../../render/recipe.js'
import { pictureAfter } from '../../render/render-rendition.js'
import { jobKey } from '../../plan/path-conflicts.js'
import type { JobList } from '../../plan/types.js'
import type { Store } from '../../stores/types.js'
import { openStores } from '../open-stores.js'
import type { RunOptions } from '../options.js'
import { resolveStores } from '../resolve-options.js'

/** Bytes of a source that are read for its header. */
const HEADER_BYTES = 128 * 1024
/** Headers that are read at once. */
const CONCURRENCY = 16
/** Sources whose headers are read, at most. The others keep their templates. */
const MAX_SOURCES = 2000

/**
 * Returns jobs with the paths that their outputs will have, and without the renditions that will be skipped, as far as the
 * headers of the sources tell. Decodes no image.
 */
export async function predictOutputs(jobs: JobList, options: RunOptions): Promise<JobList> {
  const open: Job[] = []
  for (const job of jobs) {
    if (open.length === MAX_SOURCES) break
    if (isPredictable(job)) open.push(job)
  }
  if (open.length === 0) return jobs
  const store = await openStores(resolveStores(options))
  const limit = pLimit(CONCURRENCY)
  const predicted = await limit.map(open, async (job) => [jobKey(job), await predict(job, store)] as const)
  const changed = new Map(predicted)
  return {
    length: jobs.length,
    *[Symbol.iterator]() {
      for (const job of jobs) yield changed.get(jobKey(job)) ?? job
    },
  }
}

function isPredictable({ source, renditions }: Job): boolean {
  if (source.size === 0 || isPipe(source.ref) || isDataUrl(source.ref)) return false
  return renditions.some(
    ({ target, narrower = [], skipSmaller }) => isOpen(target) || narrower.length > 0 || skipSmaller === true,
  )
}

async function predict(job: Job, store: Store): Promise<Job> {
  const image = await readHeader(job, store)
  if (image === undefined) return job
  try {
    const renditions = job.renditions.flatMap((rendition) => {
      const isMain = recipeOf(rendition.ops).page === undefined
      const reason = isMain ? skipReason(rendition, (ops) => pictureAfter(image, ops)) : undefined
      return reason === undefined ? [{ ...rendition, target: predictTarget(rendition, image) }] : []
    })
    return { ...job, renditions }
  } catch {
    // An operation that does not fit the picture fails in the run, and is reported there.
    return job
  }
}

/** Returns undefined if the header cannot be read from the first bytes. The run reports the error, if it is one. */
export async function readHeader({ source, limits }: Job, store: Store): Promise<OpenImage | undefined> {
  try {
    const head = await store.read(source.ref, { range: [0, HEADER_BYTES] })
    return await openImage(head, { limits, failOn: 'none' })
  } catch {
    return undefined
  }
}

/** Fills in the tokens of a path that do not depend on the encoded picture. */
export function predictTarget({ ops, target }: Rendition, image: OpenImage): string {
  if (!isOpen(target)) return target
  const recipe = recipeOf(ops)
  // The head of the file may not hold the page.
  const picture = recipe.page === undefined ? pictureAfter(image, ops) : undefined
  const format = recipe.format ?? defaultFormat(image.format, picture?.alpha ?? false)
  const type = format.type === 'auto' ? undefined : format.type
  return fillTarget(target, {
    ...(type !== undefined && { ext: FORMATS[type].ext, format: type }),
    ...(picture !== undefined && { width: picture.width, height: picture.height }),
  })
}
