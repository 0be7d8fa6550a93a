import { BUCKET_URLS, isPipe, isRemote, schemeOf } from '../paths/location.js'
import { statEach } from './stat-all.js'
import type { Backend, ListOptions, OrderedListOptions, Store, Source } from './types.js'
import { ImgprocError } from '../errors.js'
import { didYouMean } from '../utils/did-you-mean.js'
import type { AzureOptions } from './azure/options.js'
import { createFileStore } from './file/store.js'
import type { GcsOptions } from './gcs/options.js'
import type { HttpStoreOptions } from './http/store.js'
import type { PipeStoreOptions } from './pipe.js'
import type { S3Options } from './s3/options.js'
import { unquote } from './unquote.js'
import { writeParts } from './write-parts.js'

/** Options of the stores. */
export interface StoresOptions {
  /** The folder that relative paths and globs are relative to. */
  readonly cwd: string
  readonly s3?: S3Options | undefined
  readonly gcs?: GcsOptions | undefined
  readonly azure?: AzureOptions | undefined
  readonly http?: HttpStoreOptions | undefined
  /** Stores of the user. */
  readonly own?: readonly Backend[] | undefined
  /** Seconds that a call of such a store may take without progress. The other stores have limits of their own. @default 60 */
  readonly seconds?: number | undefined
  /** The streams of the ref `-`. */
  readonly pipe?: PipeStoreOptions | undefined
}

type OpenStore = () => Promise<Store>

/**
 * Creates one store for all places: paths, `s3://`, `gs://`, `az://`, `http(s)://`, `data:`, schemes of the user's stores, and `-`. The
 * module of a store is loaded at its first use: the AWS SDK takes longer to load than a small run.
 *
 * @example
 * ```ts
 * const store = createStores({ cwd: '/site', s3: { region: 'eu-west-1' } })
 * await store.write('s3://shop/a.jpg', await store.read('photos/a.jpg'), { contentType: 'image/jpeg' })
 * ```
 */
export function createStores(options: StoresOptions): Required<Store> {
  const { cwd, pipe } = options
  const file = createFileStore({ cwd })
  const openers = createOpeners(options)
  const openPipe = openOnce(async () => (await import('./pipe.js')).createPipeStore(pipe ?? {}))

  const storeOf = async (ref: string): Promise<Store> => {
    const unquoted = unquote(ref)
    if (isPipe(unquoted)) return openPipe()
    const scheme = schemeOf(unquoted)
    if (scheme === undefined) return file
    const open = openers.get(scheme)
    if (open === undefined) throw createUnknownSchemeError(ref, scheme, [...openers.keys()])
    return open()
  }

  const stat = async (ref: string) => (await storeOf(ref)).stat(ref)
  return {
    scheme: '*',
    locate: async (pattern) => (await storeOf(pattern)).locate(pattern),
    list: (pattern, options) => {
      const ownOptions = withOwnSkips(pattern, options)
      return isRemote(unquote(pattern))
        ? openAndList(() => storeOf(pattern), pattern, ownOptions)
        : file.list(pattern, ownOptions)
    },
    listInOrder: (folder, options) => openAndListInOrder(() => storeOf(folder), folder, options),
    stat,
    statAll: (refs) => (refs.some(isRemote) ? statEach({ stat }, refs) : file.statAll(refs)),
    read: async (ref, options) => (await storeOf(ref)).read(ref, options),
    write: async (ref, data, meta) => (await storeOf(ref)).write(ref, data, meta),
    writeParts: async (ref, parts, meta) => writeParts(await storeOf(ref), ref, parts, meta),
    remove: async (ref) => (await storeOf(ref)).remove(ref),
    presign: async (ref, options) => (await storeOf(ref)).presign?.(ref, options),
    sweep: async (folder, options) => (await storeOf(folder)).sweep?.(folder, options),
    openLog: async (ref) => (await storeOf(ref)).openLog?.(ref),
  }
}

/** Returns the stores by scheme, but for the disk and the pipe. */
function createOpeners({
  s3,
  gcs,
  azure,
  http,
  own = [],
  seconds = 60,
}: StoresOptions): ReadonlyMap<string, OpenStore> {
  const openHttp = openOnce(async () => (await import('./http/store.js')).createHttpStore(http))
  const openOwn = (backend: Backend) => async () => {
    const { createKeyedStore } = await import('./keyed/store.js')
    const { limitTime } = await import('./keyed/limit-time.js')
    return createKeyedStore(limitTime(backend, seconds))
  }
  return new Map<string, OpenStore>([
    ['s3', openOnce(async () => (await import('./s3/store.js')).createS3Store(s3))],
    ['gs', openOnce(async () => (await import('./gcs/store.js')).createGcsStore(gcs))],
    ['az', openOnce(async () => (await import('./azure/store.js')).createAzureStore(azure))],
    ['http', openHttp],
    ['https', openHttp],
    ['data', openOnce(async () => (await import('./data-url.js')).createDataUrlStore())],
    ...own.map((backend) => [backend.scheme, openOnce(openOwn(backend))] as const),
  ])
}

async function* openAndList(open: OpenStore, pattern: string, options: ListOptions): AsyncGenerator<Source> {
  yield* (await open()).list(pattern, options)
}

async function* openAndListInOrder(
  open: OpenStore,
  folder: string,
  options: OrderedListOptions | undefined,
): AsyncGenerator<Source> {
  const store = await open()
  if (store.listInOrder === undefined) {
    const message = `"${folder}" can't be listed: it has no folders. Use a path, ${BUCKET_URLS}.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: folder })
  }
  yield* store.listInOrder(folder, options)
}

/** Removes folders of other stores from `skip`: a store could not resolve them. */
function withOwnSkips(pattern: string, options: ListOptions = {}): ListOptions {
  const isOwn = (ref: string) => schemeOf(ref) === schemeOf(pattern)
  return { ...options, skip: options.skip?.filter(isOwn) }
}

/** Opens a store at the first call; later calls return the same store. */
function openOnce(open: OpenStore): OpenStore {
  let store: Promise<Store> | undefined
  return () => (store ??= open())
}

function createUnknownSchemeError(ref: string, scheme: string, known: readonly string[]): ImgprocError {
  const list = known.map((name) => (name === 'data' ? 'data:' : `${name}://`)).join(', ')
  return new ImgprocError(
    'INVALID_USAGE',
    `"${ref}" has an unknown scheme: there is no store for ${scheme}.${didYouMean(scheme, known)} Use a path, ${list}, or add a store of your own under stores in the config.`,
    { stage: 'usage', path: ref },
  )
}
