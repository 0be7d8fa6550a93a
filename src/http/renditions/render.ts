import { ImgprocError, throwIfAborted } from '../../errors.js'
import { createFinder, type Finder } from '../../analyzers/vision/finder.js'
import { FORMATS } from '../../image/output-formats.js'
import { checkMemory, estimateMemory } from '../../jobs/job-memory.js'
import { blurAfter, createUnsafeError, unsafeReason } from '../../jobs/unsafe-policy.js'
import type { OpenImage } from '../../image/open-image.js'
import { openPage } from '../../render/pages/open-page.js'
import { openSource, wantsPreview } from '../../render/preview/open-source.js'
import { recipeOf } from '../../render/recipe.js'
import { encodeRendition, pictureAfter } from '../../render/render-rendition.js'
import type { Store } from '../../stores/types.js'
import type { CompiledRendition } from '../request/compile-query.js'
import type { ResolvedOptions } from '../types.js'
import { chooseFormat } from './choose-format.js'
import type { Machine } from './machine.js'
import { createSourceFindings } from './source-findings.js'
import type { Rendition } from './types.js'

/** A source and the rendition to make of it. */
export interface RenderRequest {
  readonly ref: string
  /** Hash that tells the content of the source from a later one; undefined if nothing does. */
  readonly content: string | undefined
  readonly asked: CompiledRendition
}

/** Makes one rendition of a source. */
export type Render = (request: RenderRequest, signal: AbortSignal) => Promise<Rendition>

/** Operations with the format that was chosen for a list without: recipes are cached by the identity of their list. */
const completed = new WeakMap<CompiledRendition['ops'], Map<string, CompiledRendition['ops']>>()

/**
 * Creates the renderer: the pipeline of `transform`, with the machine's memory shared among requests.
 *
 * Its function throws the errors of `transform`.
 */
export function createRenderer(
  store: Store,
  { limits, failOn, analyzers, root }: Pick<ResolvedOptions, 'limits' | 'failOn' | 'analyzers' | 'root'>,
  { decoders, fastCodec, compute, availableMemory }: Machine,
): Render {
  const findingsOf = createSourceFindings(createFinder(analyzers, root))
  return async ({ ref, content, asked }, signal) => {
    const { page } = recipeOf(asked.ops)
    const finder = findingsOf(content === undefined ? undefined : `${content} ${page ?? ''}`)
    const { findRegions } = finder
    const maxBytes = limits.bytes
    const read = async (file: string) => {
      // Queries name no files; those of presets are the operator's.
      if (!asked.files.includes(file)) throw createFileError(file)
      return store.read(file, { maxBytes })
    }
    const reader = {
      readHead: (to: number) => store.read(ref, { maxBytes, signal, range: [0, to] }),
      readWhole: async () => {
        const file = await store.read(ref, { maxBytes, signal })
        throwIfAborted(signal)
        return file
      },
    }
    const options = { limits, failOn, read, findRegions, decoders, fastCodec, compute, signal }
    const previewFor =
      wantsPreview(asked.ops) && asked.whenUnsafe.length === 0 ? () => [asked.ops] : undefined
    const source = await openSource(reader, options, previewFor)
    try {
      throwIfAborted(signal)
      const image =
        page === undefined
          ? source
          : await compute(() => openPage(source, page), estimateMemory(source, [asked]))
      const ops =
        asked.choice === undefined
          ? asked.ops
          : withFormat(asked.ops, chooseFormat(asked.choice, image, asked.ops))
      const memory = estimateMemory(image, [{ ops }])
      checkMemory(memory, availableMemory())
      const encoded = await compute(async () => {
        throwIfAborted(signal)
        return encodeRendition(image, await followPolicies(image, ops, asked, finder))
      }, memory)
      const { data, format, width, height } = encoded
      return { type: FORMATS[format].mime, data, width, height }
    } finally {
      source.release?.()
    }
  }
}

/** Returns the operations, with a blur if the policy of a preset wants it. Throws UNSAFE_CONTENT if one refuses the source. */
async function followPolicies(
  image: OpenImage,
  ops: CompiledRendition['ops'],
  { whenUnsafe }: CompiledRendition,
  { find }: Finder,
): Promise<CompiledRendition['ops']> {
  let isBlurred = false
  for (const policy of whenUnsafe) {
    const reason = unsafeReason(policy, await find('moderation', image))
    if (reason === undefined) continue
    if (policy.do !== 'blur') throw createUnsafeError(reason)
    isBlurred = true
  }
  return isBlurred ? blurAfter(ops, pictureAfter(image, ops) ?? image.metadata) : ops
}

function withFormat(ops: CompiledRendition['ops'], format: CompiledRendition['ops'][number]) {
  const known = completed.get(ops) ?? new Map<string, CompiledRendition['ops']>()
  completed.set(ops, known)
  const key = JSON.stringify(format)
  const all = known.get(key) ?? [...ops, format]
  known.set(key, all)
  return all
}

function createFileError(path: string): ImgprocError {
  const message = 'An operation names a file that no preset of the config names.'
  return new ImgprocError('ACCESS_DENIED', message, { stage: 'read', path })
}
