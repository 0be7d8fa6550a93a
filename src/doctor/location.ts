import { randomBytes } from 'node:crypto'
import type { Store, Source } from '../stores/types.js'
import { ImgprocError } from '../errors.js'

/** Result of one check. `missing` and `failed` need action. The keys are those of `imgproc doctor --json`. */
export interface Check {
  /** The group: `versions`, `formats`, `threads`, `memory`, `config`, or the URL of a location. */
  readonly about: string
  readonly name: string
  readonly mark: 'ok' | 'missing' | 'failed' | 'untried'
  /** The finding, and how to fix it if it is not ok. */
  readonly found: string
}

/** A permission on a location. */
export type Permission = 'list' | 'read' | 'write' | 'delete'

/** A location in a store, parsed from a URL. */
export interface StoreLocation {
  /** The URL as given, for `Check.about`. */
  readonly about: string
  /** The folder to check; it ends in a slash. */
  readonly folder: string
  /** The object, if the URL names one. */
  readonly object: string | undefined
}

/** Parses an input or output URL as `run` accepts it: a folder, an object or a glob. Sends no request. */
export function parseLocation(ref: string): StoreLocation {
  const root = ref.indexOf('://') + 3
  const folderOf = (text: string) => text.slice(0, Math.max(text.lastIndexOf('/') + 1, root))
  const glob = ref.slice(root).search(/[*?{}[\]]/)
  if (glob >= 0) return { about: ref, folder: folderOf(ref.slice(0, root + glob)), object: undefined }
  const isObject = /\/[^/]+\.[a-z]\w{1,4}$/i.test(ref.slice(root))
  if (isObject) return { about: ref, folder: folderOf(ref), object: ref }
  return { about: ref, folder: ref.endsWith('/') ? ref : `${ref}/`, object: undefined }
}

/** Runs a check: ok with the finding that `work` returns, or failed with the message of an ImgprocError. */
export async function runCheck(about: string, name: string, work: () => Promise<string>): Promise<Check> {
  try {
    return { about, name, mark: 'ok', found: await work() }
  } catch (error) {
    if (!(error instanceof ImgprocError)) throw error
    return { about, name, mark: 'failed', found: error.message }
  }
}

/** Result of listing a location. */
export interface Listing {
  /** Its first object; undefined if it is empty. */
  readonly first?: Source | undefined
  /** The reason why listing failed. */
  readonly error?: ImgprocError
}

/** Lists a location up to its first object. */
export async function listFirst(store: Store, { folder }: StoreLocation): Promise<Listing> {
  try {
    for await (const first of store.list(folder)) return { first }
    return {}
  } catch (error) {
    if (error instanceof ImgprocError) return { error }
    throw error
  }
}

/**
 * Tests the permissions on a listed location with real requests.
 *
 * @param names Names of the checks.
 * @param write Allows writing a small test object, which is deleted again. If false, writing and deleting are untried.
 */
export async function checkPermissions(
  store: Store,
  location: StoreLocation,
  listing: Listing,
  names: Readonly<Record<Permission, string>>,
  write: boolean,
): Promise<Check[]> {
  const { about, folder } = location
  const probe = `${folder}.imgproc-doctor-${randomBytes(8).toString('hex')}`
  const list = await runCheck(about, names.list, async () => {
    if (listing.error !== undefined) throw listing.error
    return listing.first === undefined ? `${folder} is empty` : `found ${listing.first.ref}`
  })
  if (!write) {
    const untried = { about, mark: 'untried', found: 'add --write to test it with a small file' } as const
    const read = await checkRead(store, location, listing, names.read, probe)
    return [list, read, { ...untried, name: names.write }, { ...untried, name: names.delete }]
  }
  const written = await runCheck(about, names.write, async () => {
    const data = new TextEncoder().encode('Written by imgproc doctor; it may be deleted.\n')
    await store.write(probe, data, { contentType: 'text/plain' })
    return `wrote ${probe}`
  })
  const isWritten = written.mark === 'ok'
  const read = await checkRead(
    store,
    isWritten && listing.first === undefined ? { ...location, object: location.object ?? probe } : location,
    listing,
    names.read,
    probe,
  )
  // A write that failed may still have created the object.
  const removed = await runCheck(about, names.delete, async () => {
    await store.remove(probe)
    return 'deleted it'
  })
  return [list, read, written, describeRemoval(removed, isWritten, probe)]
}

interface AccessOptions {
  readonly store: Store
  readonly write: boolean
  /** Names of the checks. */
  readonly names: Readonly<Record<Permission, string>>
  /** Name of the check that tells the address. */
  readonly address: string
  /** Resolves to the source of the credentials, and the address. Rejects with an ImgprocError. */
  readonly access: () => Promise<{ readonly source: string; readonly url: string }>
}

/** Checks credentials and permissions of a location, and tells its address. Without credentials, nothing else is tried. */
export async function checkAccess(location: StoreLocation, options: AccessOptions): Promise<Check[]> {
  const { store, write, names, address, access } = options
  const { about } = location
  const opening = access()
  const credentials = await runCheck(about, 'credentials', async () => (await opening).source)
  if (credentials.mark !== 'ok') return [credentials]
  const { url } = await opening
  const listing = await listFirst(store, location)
  const permissions = await checkPermissions(store, location, listing, names, write)
  return [credentials, { about, name: address, mark: 'ok', found: url }, ...permissions]
}

/** Deleting is untried if nothing was written: stores accept the deletion of a missing object. */
function describeRemoval(removed: Check, isWritten: boolean, probe: string): Check {
  if (!isWritten) return { ...removed, mark: 'untried', found: 'no test file was written' }
  if (removed.mark === 'ok') return removed
  return { ...removed, found: `${removed.found} ${probe} is left over: delete it by other means.` }
}

/** Reads a byte of an object. Without an object, requests a missing key, because that may be denied too. */
async function checkRead(
  store: Store,
  { about, folder, object }: StoreLocation,
  { first, error }: Listing,
  name: string,
  missing: string,
): Promise<Check> {
  const ref = object ?? first?.ref
  if (ref !== undefined) {
    return runCheck(about, name, async () => {
      await store.read(ref, { range: [0, 1] })
      return `read a byte of ${ref}`
    })
  }
  if (error !== undefined) {
    const found = `listing failed: name an image there instead, such as ${folder}photo.jpg`
    return { about, name, mark: 'untried', found }
  }
  const requested = await runCheck(about, name, async () => {
    await store.stat(missing)
    return 'no file to read: put an image there, or add --write'
  })
  // A "not found" answer does not prove that reading is allowed.
  return requested.mark === 'ok' ? { ...requested, mark: 'untried' } : requested
}
