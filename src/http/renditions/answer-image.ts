import { ImgprocError } from '../../errors.js'
import type { Store } from '../../stores/types.js'
import { readClientHints } from '../request/client-hints.js'
import { createQueryCompiler, UNKNOWN_CLIENT, type CompiledQuery } from '../request/compile-query.js'
import type { Conditions } from '../request/compose-recipe.js'
import { readAccept } from '../request/negotiate-format.js'
import { matchesEtag } from '../response/etag.js'
import { createImageResponse, createNotModified, type ImageFacts } from '../response/image-response.js'
import { imageTypeOf } from '../response/media-type.js'
import type { Outcome, ResolvedOptions } from '../types.js'
import { createImageKeys, type ImageKeys } from './image-key.js'
import type { Renditions } from './make-rendition.js'
import type { Rendition } from './types.js'

/** A file, and a query that says which picture to make of it. */
export interface ImageSubject {
  /** Location that a store reads. */
  readonly ref: string
  /** File name. */
  readonly name: string
  /** As it is written in the URL; empty for the file itself. */
  readonly query: string
}

/** An answer, and the way that it came about. */
export interface ImageAnswer {
  readonly response: Response
  readonly outcome: Outcome
}

/** Answers requests for pictures. */
export interface ImageAnswers {
  /**
   * Answers with the picture, or with 304 before anything is read if the client has it. Throws INPUT_NOT_FOUND, the errors of
   * `transform` and of the query, OVERLOADED, and ABORTED if the client has gone.
   */
  answer(request: Request, subject: ImageSubject): Promise<ImageAnswer>
}

/** Creates the answers of a server. */
export function createImageAnswers(
  store: Store,
  options: ResolvedOptions,
  renditions: Renditions,
): ImageAnswers {
  const compile = createQueryCompiler(options)
  const context: Context = { store, options, renditions, keys: createImageKeys(store) }
  return {
    async answer(request, subject) {
      const query = compile(subject.query)
      return query.isEmpty
        ? answerFile(request, subject, context)
        : answerRendition(request, subject, query, context)
    },
  }
}

interface Context {
  readonly store: Store
  readonly options: ResolvedOptions
  readonly renditions: Renditions
  readonly keys: ImageKeys
}

/** Answers with the file itself, if it is an image. */
async function answerFile(
  request: Request,
  { ref, name }: ImageSubject,
  { store, options, keys }: Context,
): Promise<ImageAnswer> {
  const identity = await keys.identify(ref, false)
  const key = await keys.keyOf(ref, identity, '')
  const facts: ImageFacts = { name, key, modified: identity.modified, usesAccept: false, usesHints: false }
  if (isKnown(request, key)) return answerUnchanged(facts, [], options)
  const data = await store.read(ref, { maxBytes: options.limits.bytes, signal: request.signal })
  const type = imageTypeOf(data)
  if (type === undefined) throw createNoImageError(ref)
  const body = Buffer.from(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength) // stores allocate no shared memory
  return {
    response: createImageResponse({ type, data: body }, facts, options),
    outcome: { from: 'source', presets: [], type },
  }
}

/** @param isFresh asks the store for the version of the source, whatever is remembered. */
async function answerRendition(
  request: Request,
  subject: ImageSubject,
  query: CompiledQuery,
  context: Context,
  isFresh = false,
): Promise<ImageAnswer> {
  const { ref, name } = subject
  const { options, renditions, keys } = context
  const asked = query.resolve(conditionsOf(request, query))
  const { presets, density } = asked
  const identity = await keys.identify(ref, isFresh)
  const key = await keys.keyOf(ref, identity, asked.hash, asked.files)
  const { usesAccept, usesHints } = query
  const facts: ImageFacts = { name, key, modified: identity.modified, usesAccept, usesHints }
  const answerWith = (made: Rendition, from: Outcome['from']): ImageAnswer => ({
    response: createImageResponse(made, { ...facts, density: densityOf(made, density) }, options),
    outcome: { from, presets, type: made.type },
  })
  if (isKnown(request, key)) return answerUnchanged(facts, presets, options)
  const recalled = key === undefined ? undefined : renditions.recall(key)
  if (recalled !== undefined) return answerWith(recalled, 'memory')
  // A picture must not be kept under the version of an older file.
  if (identity.isRemembered) return answerRendition(request, subject, query, context, true)
  const content = await keys.keyOf(ref, identity, '')
  const { made, from } = await renditions.make({ key, ref, content, asked, signal: request.signal })
  return answerWith(made, from)
}

function answerUnchanged(
  facts: ImageFacts,
  presets: readonly string[],
  options: ResolvedOptions,
): ImageAnswer {
  const outcome: Outcome = { from: 'validator', presets, type: undefined }
  return { response: createNotModified(facts, options), outcome }
}

function isKnown({ headers }: Request, key: string | undefined): boolean {
  const tags = headers.get('if-none-match')
  // `If-Modified-Since` alone does not count: a preset may have changed since.
  return tags !== null && key !== undefined && matchesEtag(tags, `"${key}"`)
}

/** Reads only the headers that the picture depends on. */
function conditionsOf({ headers }: Request, { usesAccept, usesHints }: CompiledQuery): Conditions {
  if (!usesAccept && !usesHints) return UNKNOWN_CLIENT
  return {
    ...(usesHints ? readClientHints(headers) : UNKNOWN_CLIENT),
    accepted: usesAccept ? readAccept(headers.get('accept')) : UNKNOWN_CLIENT.accepted,
  }
}

/** Returns the density of a picture, if it is as large as asked for: a small source is not enlarged. */
function densityOf(
  { width, height }: Rendition,
  asked: { readonly dpr: number; readonly width?: number; readonly height?: number } | undefined,
): number | undefined {
  return asked !== undefined && (width === asked.width || height === asked.height) ? asked.dpr : undefined
}

function createNoImageError(path: string): ImgprocError {
  const message = `${path} is no image of a known format.`
  return new ImgprocError('UNSUPPORTED_FORMAT', message, { stage: 'read', path })
}
