import pLimit from 'p-limit'
import { ImgprocError, throwIfAborted } from '../errors.js'
import { hasImageName } from '../image/file-kinds.js'
import { isRemote } from '../paths/location.js'
import type { Location, Store, Source } from '../stores/types.js'
import { sniffFiles } from './sniff-files.js'
import { type FileCounts, isImage, looksLikeImage } from './sort-files.js'
import { createSourceCollector, type SourceList } from './source-list.js'

/** Inputs to search for sources. */
export interface SourceRequest {
  /** Files, folders, globs. */
  readonly inputs: readonly string[]
  /** Globs of files to ignore. */
  readonly ignore?: readonly string[] | undefined
  /** Output folders. They are not searched, unless they are the input itself. */
  readonly outputs?: readonly string[] | undefined
  /** Accepts inputs without images. @default false */
  readonly allowEmpty?: boolean | undefined
  /** Looks into files with another extension than an image's. @default for prefixes of buckets without any image's extension */
  readonly sniff?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** The sources of all inputs. */
export interface FoundSources {
  readonly sources: SourceList
  /** The base of each input. */
  readonly bases: readonly string[]
  /** The folders that were searched. */
  readonly folders: readonly string[]
  /** Counts of files that are not images, by extension. */
  readonly ignored: ReadonlyMap<string, number>
  /** Files whose first bytes were read, since their names do not tell. */
  readonly sniffed: number
}

/** Inputs that are located at once: each may take two requests. */
const LOCATE_CONCURRENCY = 32

/**
 * Finds the sources of the inputs.
 *
 * @throws ImgprocError INVALID_USAGE if a folder or glob has no images, or no input exists; ABORTED.
 */
export async function findSources(store: Store, request: SourceRequest): Promise<FoundSources> {
  const limit = pLimit(LOCATE_CONCURRENCY)
  const inputs = await limit.map(request.inputs, (input) => locateInput(store, input, request))
  if (request.allowEmpty !== true && inputs.length > 0 && inputs.every(({ kind }) => kind === 'nothing'))
    throw createMissingError(request.inputs)
  const collector = createSourceCollector(inputs.map(({ base }) => base))
  // Another input may match a file again whose name does not tell what it is.
  const known = inputs.length > 1 ? new Map<string, boolean>() : undefined
  let sniffed = 0
  for (const [at, { input, kind, ref, base, sources, others }] of inputs.entries()) {
    const add = (source: Source, isImage: boolean) => {
      if (known !== undefined && !hasImageName(source.ref))
        known.set(source.ref, isImage || known.get(source.ref) === true)
      collector.add({ source, input: at, isImage })
    }
    for (const source of sources) add(source, true)
    for (const other of others) add(other, false)
    if (kind === 'nothing' || kind === 'file') continue
    const skip = request.outputs?.filter(
      (folder) => folder !== base && `${folder}/`.startsWith(`${base.replace(/\/$/, '')}/`),
    )
    const { ignore, sniff, signal } = request
    const list = () => store.list(input, { ignore, skip, signal })
    const location = { kind, ref, base }
    const counts = await sniffFiles(store, { location, list, sniff }, { known, add, signal })
    sniffed += counts.sniffed
    if (counts.images > 0 || request.allowEmpty === true) continue
    if (!(await isAllIgnored(store, input, request))) throw createNoMatchError(input, kind, counts)
  }
  return {
    ...collector.finish(),
    bases: inputs.map(({ base }) => base),
    folders: [...new Set(inputs.filter(isSearched).map(({ base }) => base))],
    sniffed,
  }
}

/** The location of an input and, if it is a single file, its source. */
interface LocatedInput extends Location {
  readonly input: string
  readonly sources: readonly Source[]
  /** Files that are not images. */
  readonly others: readonly Source[]
}

function isSearched({ kind }: LocatedInput): boolean {
  return kind === 'folder' || kind === 'glob'
}

async function locateInput(store: Store, input: string, request: SourceRequest): Promise<LocatedInput> {
  const { inputs, ignore, signal } = request
  throwIfAborted(signal)
  const location = await store.locate(input)
  const { kind, ref } = location
  // A missing file fails when it is read, and the others are made.
  const sources: Source[] = kind === 'nothing' ? [{ ref, size: 0 }] : []
  const others: Source[] = []
  if (kind === 'file') {
    for await (const source of store.list(ref, { ignore, signal })) {
      // A single file counts as an image, whatever its name. Several files may come from a shell's glob.
      const needsCheck = inputs.length > 1 && !hasImageName(ref) && !isRemote(ref)
      if (needsCheck && !(await looksLikeImage(store, ref))) others.push(source)
      else sources.push(source)
    }
  }
  return { ...location, input, sources, others }
}

/** Returns true if an input has images and all of them are ignored, which is no error. */
async function isAllIgnored(
  store: Store,
  input: string,
  { ignore, sniff, signal }: SourceRequest,
): Promise<boolean> {
  if (ignore === undefined || ignore.length === 0) return false
  for await (const source of store.list(input, { signal })) {
    if (await isImage(source, store, { sniff, signal })) return true
  }
  return false
}

function createMissingError(inputs: readonly string[]): ImgprocError {
  const [input = ''] = inputs
  const kind = isRemote(input) ? '' : /[/\\]$/.test(input) ? 'folder ' : 'file '
  const message =
    inputs.length === 1
      ? `There is no ${kind}"${input}". Check the path.`
      : `None of the ${inputs.length} inputs exists, such as "${input}". Check the paths.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: input })
}

function createNoMatchError(
  input: string,
  kind: 'folder' | 'glob',
  { others, sniffed }: FileCounts,
): ImgprocError {
  const what = kind === 'folder' ? `The folder "${input}" contains` : `"${input}" matches`
  const files = `${others} ${others === 1 ? 'file' : 'files'}`
  const accept = 'or use allowEmpty (--allow-empty) to accept that.'
  const message =
    others === 0
      ? `${what} no files. Check the path, quote globs so that the shell doesn't expand them, ${accept}`
      : sniffed >= others
        ? `${what} ${files}, but none is an image by its content. Check the path, ${accept}`
        : `${what} ${files}, but no image. A file counts by its extension, or by its content if it has none. To look into all files use sniff (--sniff), name a file itself to read it whatever its extension, ${accept}`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: input })
}
