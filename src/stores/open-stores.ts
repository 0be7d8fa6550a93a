import { isPipe, isRemote, schemeOf } from '../paths/location.js'
import { statEach } from './stat-all.js'
import type { Backend, ListOptions, Store, Source } from './types.js'
import { ImgprocError } from '../errors.js'
import { didYouMean } from '../utils/did-you-mean.js'
import { createFileStore } from './file/store.js'
import type { HttpStoreOptions } from './http/store.js'
import type { PipeStoreOptions } from './pipe.js'
import type { S3Options } from './s3/options.js'

/** What stores have to be told. */
export interface StoresOptions {
  /** The folder that relative paths and globs begin in. */
  readonly cwd: string
  readonly s3?: S3Options | undefined
  readonly http?: HttpStoreOptions | undefined
  /** A user's own, by their schemes. */
  readonly own?: readonly Backend[] | undefined
  /** What `-` stands for. */
  readonly pipe?: PipeStoreOptions | undefined
}

type Make = () => Promise<Store>

/**
 * One store for all places: paths, `s3://`, `http(s)://`, `data:`, a user's own schemes, and `-`. Each is loaded when
 * something of it is asked for: the AWS SDK takes longer to start than a small run.
 *
 * @example
 * ```ts
 * const store = createStores({ cwd: '/site', s3: { region: 'eu-west-1' } })
 * await store.write('s3://shop/a.jpg', await store.read('photos/a.jpg'), { contentType: 'image/jpeg' })
 * ```
 */
export function createStores({ cwd, s3, http, own = [], pipe }: StoresOptions): Store {
  const file = createFileStore({ cwd })
  const web = once(async () => (await import('./http/store.js')).createHttpStore(http))
  const makes = new Map<string, Make>([
    ['s3', once(async () => (await import('./s3/store.js')).createS3Store(s3))],
    ['http', web],
    ['https', web],
    ['data', once(async () => (await import('./data-url.js')).createDataStore())],
  ])
  for (const backend of own)
    makes.set(
      backend.scheme,
      once(async () => (await import('./keyed/store.js')).createKeyedStore(backend)),
    )
  const piped = once(async () => (await import('./pipe.js')).createPipeStore(pipe ?? {}))

  const storeOf = async (ref: string): Promise<Store> => {
    const bare = unquote(ref)
    if (isPipe(bare)) return piped()
    const scheme = schemeOf(bare)
    if (scheme === undefined) return file
    const make = makes.get(scheme)
    if (make === undefined) throw unknownScheme(ref, scheme, [...makes.keys()])
    return make()
  }

  const stat = async (ref: string) => (await storeOf(ref)).stat(ref)
  return {
    scheme: '*',
    locate: async (pattern) => (await storeOf(pattern)).locate(pattern),
    list: (pattern, options) => {
      const own = withoutOthers(pattern, options)
      return isRemote(unquote(pattern))
        ? listLater(() => storeOf(pattern), pattern, own)
        : file.list(pattern, own)
    },
    stat,
    statAll: (refs) => (refs.some(isRemote) ? statEach({ stat }, refs) : file.statAll(refs)),
    read: async (ref, options) => (await storeOf(ref)).read(ref, options),
    write: async (ref, data, meta) => (await storeOf(ref)).write(ref, data, meta),
    remove: async (ref) => (await storeOf(ref)).remove(ref),
    openLog: async (ref) => (await storeOf(ref)).openLog?.(ref),
  }
}

/** cmd.exe hands quotes over as they are typed. */
function unquote(text: string): string {
  return text.replace(/^(['"])(.*)\1$/s, '$2')
}

async function* listLater(find: Make, pattern: string, options: ListOptions): AsyncGenerator<Source> {
  yield* (await find()).list(pattern, options)
}

/** Folders of other stores are nothing that this one could leave out. */
function withoutOthers(pattern: string, options: ListOptions = {}): ListOptions {
  const isOwn = (ref: string) => schemeOf(ref) === schemeOf(pattern)
  return { ...options, skip: options.skip?.filter(isOwn) }
}

/** Makes a store when it is first needed. */
function once(make: Make): Make {
  let made: Promise<Store> | undefined
  return () => (made ??= make())
}

function unknownScheme(ref: string, scheme: string, known: readonly string[]): ImgprocError {
  const list = known.map((name) => (name === 'data' ? 'data:' : `${name}://`)).join(', ')
  return new ImgprocError(
    'INVALID_USAGE',
    `"${ref}" is no place that is known: ${scheme} has no store.${didYouMean(scheme, known)} There are paths, ${list}, and stores of your own under stores in the config.`,
    { stage: 'usage', path: ref },
  )
}
