import { ImgprocError } from '../errors.js'
import { hasImageContent, hasImageName, kindOf, SIGNATURE_BYTES } from './kinds.js'
import { commonBase } from './paths.js'
import { isRemote, schemeOf } from './refs.js'
import type { Source, Store } from './types.js'

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

/** Lists what the inputs stand for. Throws INVALID_USAGE where a folder or glob turns up no image. */
export async function findSources(store: Store, request: SourceRequest): Promise<FoundSources> {
  const found = new Map<string, Source>()
  const ignored = new Map<string, number>()
  const bases = new Map<string | undefined, string[]>()
  const unlisted = new Set<string>()
  for (const input of request.inputs) {
    const { kind, ref, base } = await store.locate(input)
    bases.set(schemeOf(ref), [...(bases.get(schemeOf(ref)) ?? []), base])
    // What isn't there fails when it is read, and the rest is made.
    if (kind === 'nothing') found.set(ref, { ref, size: 0 })
    if (kind === 'file') await addNamed(store, ref, request, found, unlisted)
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

/** A file that was named: taken as it is, but for what a shell's expansion sweeps up. */
async function addNamed(
  store: Store,
  ref: string,
  { inputs, ignore, signal }: SourceRequest,
  found: Map<string, Source>,
  unlisted: Set<string>,
): Promise<void> {
  for await (const source of store.list(ref, { ignore, signal })) {
    // A URL was typed: no shell made it up.
    const isOneOfMany = inputs.length > 1 && !hasImageName(ref) && !isRemote(ref)
    if (isOneOfMany && !(await looksLikeImage(store, ref))) unlisted.add(ref)
    else found.set(ref, source)
  }
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
