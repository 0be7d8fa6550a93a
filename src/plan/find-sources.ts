import pLimit from 'p-limit'
import { ImgprocError, throwIfAborted } from '../errors.js'
import { hasImageContent, hasImageName, kindOf, SIGNATURE_BYTES } from '../image/file-kinds.js'
import { commonBase } from '../paths/output-path.js'
import { isRemote, schemeOf } from '../paths/location.js'
import type { Location, Store, Source } from '../stores/types.js'

/** Which files are meant. */
export interface SourceRequest {
  /** Files, folders, globs. */
  readonly inputs: readonly string[]
  /** Globs to leave out. */
  readonly ignore?: readonly string[] | undefined
  /** Folders that hold outputs, and are not entered where they lie inside an input. */
  readonly outputs?: readonly string[] | undefined
  /** Whether a pattern may match nothing. */
  readonly allowEmpty?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** What was found. */
export interface FoundSources {
  /** Each once, sorted by ref in code units. */
  readonly sources: readonly Source[]
  /** For the disk (undefined) and each scheme the deepest folder that holds every input's fixed part. */
  readonly bases: ReadonlyMap<string | undefined, string>
  /** Files that are no images, counted by extension. */
  readonly ignored: ReadonlyMap<string, number>
}

/** Inputs that are looked up at once: a list of keys takes a request or two for each. */
const LOOK_UPS = 32

/** Lists what the inputs stand for. Throws INVALID_USAGE where a folder or glob turns up no image. */
export async function findSources(store: Store, request: SourceRequest): Promise<FoundSources> {
  const found = new Map<string, Source>()
  const ignored = new Map<string, number>()
  const bases = new Map<string | undefined, string[]>()
  const unlisted = new Set<string>()
  const lookUps = pLimit(LOOK_UPS)
  const inputs = await lookUps.map(request.inputs, (input) => lookUp(store, input, request))
  for (const { input, kind, ref, base, sources, others } of inputs) {
    const scheme = schemeOf(ref)
    if (bases.get(scheme)?.push(base) === undefined) bases.set(scheme, [base])
    for (const source of sources) found.set(source.ref, source)
    for (const other of others) unlisted.add(other)
    if (kind === 'nothing' || kind === 'file') continue
    const skip = request.outputs?.filter(
      (folder) => folder !== base && `${folder}/`.startsWith(`${base.replace(/\/$/, '')}/`),
    )
    const matched = await addListed(store, input, { ...request, skip }, found, unlisted)
    if (matched.images > 0 || request.allowEmpty === true) continue
    if (!(await isLeftOut(store, input, request))) throw nothing(input, kind, matched.others)
  }
  for (const ref of unlisted) {
    // A folder passes over what another input names.
    if (!found.has(ref)) ignored.set(kindOf(ref), (ignored.get(kindOf(ref)) ?? 0) + 1)
  }
  const sources = [...found.values()].toSorted((a, b) => (a.ref < b.ref ? -1 : 1))
  const common = [...bases].map(([scheme, each]) => [scheme, commonBase(each)] as const)
  return { sources, bases: new Map(common), ignored }
}

/** What an input is; of a single file what it stands for, too. */
interface LookedUp extends Location {
  readonly input: string
  readonly sources: readonly Source[]
  /** Files that are no images. */
  readonly others: readonly string[]
}

async function lookUp(store: Store, input: string, request: SourceRequest): Promise<LookedUp> {
  const { inputs, ignore, signal } = request
  throwIfAborted(signal)
  const location = await store.locate(input)
  const { kind, ref } = location
  // What isn't there fails when it is read, and the rest is made.
  const sources: Source[] = kind === 'nothing' ? [{ ref, size: 0 }] : []
  const others: string[] = []
  if (kind === 'file') {
    for await (const source of store.list(ref, { ignore, signal })) {
      // A file that was named is taken as it is, but for what a shell's expansion sweeps up; a URL was typed.
      const isOneOfMany = inputs.length > 1 && !hasImageName(ref) && !isRemote(ref)
      if (isOneOfMany && !(await looksLikeImage(store, ref))) others.push(ref)
      else sources.push(source)
    }
  }
  return { ...location, input, sources, others }
}

async function looksLikeImage(store: Store, ref: string): Promise<boolean> {
  const head = await store.read(ref, { range: [0, SIGNATURE_BYTES] }).catch(() => new Uint8Array())
  return hasImageContent(head)
}

async function addListed(
  store: Store,
  input: string,
  { ignore, skip, signal }: SourceRequest & { skip?: readonly string[] | undefined },
  found: Map<string, Source>,
  unlisted: Set<string>,
): Promise<{ images: number; others: number }> {
  const counts = { images: 0, others: 0 }
  for await (const source of store.list(input, { ignore, skip, signal })) {
    if (hasImageName(source.ref)) {
      found.set(source.ref, source)
      counts.images++
    } else {
      unlisted.add(source.ref)
      counts.others++
    }
  }
  return counts
}

/** Whether an input turns up images, but all of them are to be left out: that is no mistake. */
async function isLeftOut(store: Store, input: string, { ignore, signal }: SourceRequest): Promise<boolean> {
  if (ignore === undefined || ignore.length === 0) return false
  for await (const { ref } of store.list(input, { signal })) if (hasImageName(ref)) return true
  return false
}

function nothing(input: string, kind: 'folder' | 'glob', others: number): ImgprocError {
  const what = kind === 'folder' ? `The folder "${input}" holds` : `"${input}" matches`
  const message =
    others === 0
      ? `${what} no files. Check the path; quote globs so that the shell doesn't expand them; --allow-empty accepts none.`
      : `${what} ${others} ${others === 1 ? 'file' : 'files'}, but no image. --allow-empty accepts that.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'plan', path: input })
}
