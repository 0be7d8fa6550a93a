import { randomBytes } from 'node:crypto'
import type { Store, Source } from '../stores/types.js'
import { ImgprocError } from '../errors.js'

/** What was looked at, and how it is. `missing` and `failed` are what somebody has to do something about. */
export interface Check {
  /** What it belongs to: `versions`, `formats`, `threads`, `memory`, `config`, or the URL of a place. */
  readonly about: string
  readonly name: string
  readonly mark: 'ok' | 'missing' | 'failed' | 'untried'
  /** What was found; of what is not ok, what to do too. */
  readonly found: string
}

/** What may be done in a place. */
export type Right = 'list' | 'read' | 'write' | 'delete'

/** A place as a user names it. */
export interface Place {
  /** What its checks are called. */
  readonly about: string
  /** The folder that is looked at; it ends in a slash. */
  readonly folder: string
  /** The object, where one is named rather than a folder. */
  readonly object: string | undefined
}

/** Takes what somebody would write for `run` for a folder, or for an object in it. Nothing is asked of the place. */
export function readPlace(ref: string): Place {
  const root = ref.indexOf('://') + 3
  const folderOf = (text: string) => text.slice(0, Math.max(text.lastIndexOf('/') + 1, root))
  const glob = ref.slice(root).search(/[*?{}[\]]/)
  if (glob >= 0) return { about: ref, folder: folderOf(ref.slice(0, root + glob)), object: undefined }
  const isObject = /\/[^/]+\.[a-z]\w{1,4}$/i.test(ref.slice(root))
  if (isObject) return { about: ref, folder: folderOf(ref), object: ref }
  return { about: ref, folder: ref.endsWith('/') ? ref : `${ref}/`, object: undefined }
}

/** Tries something: ok and what it found, or failed and why. What is no ImgprocError is a bug, and goes on. */
export async function tryOut(about: string, name: string, work: () => Promise<string>): Promise<Check> {
  try {
    return { about, name, mark: 'ok', found: await work() }
  } catch (error) {
    if (!(error instanceof ImgprocError)) throw error
    return { about, name, mark: 'failed', found: error.message }
  }
}

/** What came of listing a place. */
export interface Listing {
  /** An object of it, where there is one. */
  readonly first?: Source | undefined
  /** Why it can't be listed. */
  readonly error?: ImgprocError
}

/** Lists a place as far as its first object. */
export async function listFirst(store: Store, { folder }: Place): Promise<Listing> {
  try {
    for await (const first of store.list(folder)) return { first }
    return {}
  } catch (error) {
    if (error instanceof ImgprocError) return { error }
    throw error
  }
}

/**
 * Tries for real what may be done in a place that was listed. Only with `write` is something written: a tiny object,
 * which is removed again.
 */
export async function checkRights(
  store: Store,
  place: Place,
  listing: Listing,
  names: Readonly<Record<Right, string>>,
  write: boolean,
): Promise<Check[]> {
  const { about, folder } = place
  const probe = `${folder}.imgproc-doctor-${randomBytes(8).toString('hex')}`
  const list = await tryOut(about, names.list, async () => {
    if (listing.error !== undefined) throw listing.error
    return listing.first === undefined ? `nothing is in ${folder} yet` : `found ${listing.first.ref}`
  })
  if (!write) {
    const untried = { about, mark: 'untried', found: 'add --write to try it with a tiny file' } as const
    const read = await checkRead(store, place, listing, names.read, probe)
    return [list, read, { ...untried, name: names.write }, { ...untried, name: names.delete }]
  }
  const written = await tryOut(about, names.write, async () => {
    const data = new TextEncoder().encode('Written by imgproc doctor; it may be deleted.\n')
    await store.write(probe, data, { contentType: 'text/plain' })
    return `wrote ${probe}`
  })
  const isThere = written.mark === 'ok'
  const read = await checkRead(
    store,
    isThere && listing.first === undefined ? { ...place, object: place.object ?? probe } : place,
    listing,
    names.read,
    probe,
  )
  const removed = await tryOut(about, names.delete, async () => {
    await store.remove(probe)
    return 'removed it again'
  })
  return [list, read, written, toRemoval(removed, isThere, probe)]
}

/** What may have been written all the same is removed too, but that says nothing. */
function toRemoval(removed: Check, wasWritten: boolean, probe: string): Check {
  if (!wasWritten) return { ...removed, mark: 'untried', found: 'nothing was written that could be removed' }
  if (removed.mark === 'ok') return removed
  return { ...removed, found: `${removed.found} ${probe} is left: remove it by other means.` }
}

/** Reads a byte of an object; without one, a key that isn't there may be denied too. */
async function checkRead(
  store: Store,
  { about, folder, object }: Place,
  { first, error }: Listing,
  name: string,
  absent: string,
): Promise<Check> {
  const ref = object ?? first?.ref
  if (ref !== undefined) {
    return tryOut(about, name, async () => {
      await store.read(ref, { range: [0, 1] })
      return `read a byte of ${ref}`
    })
  }
  if (error !== undefined) {
    const found = `what can't be listed has to be named: try ${folder}photo.jpg, with the name of an image there`
    return { about, name, mark: 'untried', found }
  }
  const asked = await tryOut(about, name, async () => {
    await store.stat(absent)
    return 'nothing is there to read: put an image there, or add --write'
  })
  // That it isn't there may be told to those, too, who may not read what is.
  return asked.mark === 'ok' ? { ...asked, mark: 'untried' } : asked
}
