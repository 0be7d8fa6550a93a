import { ImgprocError } from '../errors.js'
import type { Job } from '../jobs/types.js'
import { renameFiles } from '../operations/parse-operations.js'
import { BUCKET_URLS, isPipe, isRemote } from '../paths/location.js'
import { isDataUrl, isHttpUrl, withoutSecrets } from '../paths/url.js'

/** Folders that all machines see under the same absolute path. */
export type SharedFolders = readonly string[]

/**
 * Checks that every machine can reach what a job reads and writes, and that its message holds no credentials.
 *
 * @param shared folders that the user says are shared: absolute, with `/`.
 * @throws ImgprocError INVALID_USAGE
 */
export function checkPlaces(job: Job, shared: SharedFolders): void {
  for (const ref of placesOf(job)) checkPlace(ref, shared)
}

/** Returns the source of a job, its output folder, and the files that its operations read. */
function placesOf(job: Job): ReadonlySet<string> {
  const places = new Set([job.source.ref, job.out])
  for (const { ops } of job.renditions) {
    for (const file of filesOf(ops)) places.add(file)
  }
  return places
}

type Ops = Job['renditions'][number]['ops']

/** Files of lists of operations. The jobs of a run share a few lists, and to read one takes time. */
const known = new WeakMap<Ops, readonly string[]>()

function filesOf(ops: Ops): readonly string[] {
  const before = known.get(ops)
  if (before !== undefined) return before
  const files: string[] = []
  known.set(ops, files)
  renameFiles(ops, (ref) => {
    files.push(ref)
    return ref
  })
  return files
}

/**
 * Checks that every machine can reach a place, and that its name holds no credentials.
 *
 * @throws ImgprocError INVALID_USAGE
 */
export function checkPlace(ref: string, shared: SharedFolders): void {
  if (isPipe(ref) || isDataUrl(ref)) {
    throw createPlaceError(
      `${isPipe(ref) ? 'stdin and stdout' : 'a data: URL'} cannot go through a queue. Use files of a place that all machines see, such as ${BUCKET_URLS}.`,
      ref,
    )
  }
  if (isRemote(ref)) {
    if (!hasSecrets(ref)) return
    const shown = withoutSecrets(ref).replace(USER, '$1')
    const message =
      `${shown} has a user, a password or a query, which may be credentials, and those are not put into a queue. ` +
      `Give the workers access to a place without them, such as ${BUCKET_URLS}.`
    throw createPlaceError(message, shown)
  }
  if (shared.some((folder) => isBelow(ref, folder))) return
  throw createPlaceError(
    `${ref} is on the disk of one machine, and the workers of a queue may run on others. ` +
      `Use ${BUCKET_URLS}, or name the folder that all of them see under this path: --shared ${folderOfInterest(ref)}`,
    ref,
  )
}

/** User and password of a URL. */
const USER = /^([a-z][a-z\d+.-]*:\/\/)[^/]*@/i

function hasSecrets(url: string): boolean {
  return USER.test(url) || (isHttpUrl(url) && /[?#]/.test(url))
}

function isBelow(ref: string, folder: string): boolean {
  // A path with .. is not the one that it looks like.
  if (ref.split('/').includes('..')) return false
  return ref === folder || ref.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

function folderOfInterest(ref: string): string {
  return ref.includes('.', ref.lastIndexOf('/')) ? ref.slice(0, ref.lastIndexOf('/')) || '/' : ref
}

function createPlaceError(message: string, path: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path })
}
