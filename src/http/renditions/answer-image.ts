import { ImgprocError } from '../../errors.js'
import { versions } from '../../manifest/tool-versions.js'
import type { Store } from '../../stores/types.js'
import { sha256 } from '../../utils/sha256.js'
import { readClientHints } from '../request/client-hints.js'
import { createQueryCompiler, UNKNOWN_CLIENT, type CompiledQuery } from '../request/compile-query.js'
import type { Conditions } from '../request/compose-recipe.js'
import { readAccept } from '../request/negotiate-format.js'
import { matchesEtag } from '../response/etag.js'
import { createImageResponse, createNotModified, type ImageFacts } from '../response/image-response.js'
import { imageTypeOf } from '../response/media-type.js'
import type { Outcome, ResolvedOptions } from '../types.js'
import type { Renditions } from './make-rendition.js'
import { createIdentify, type SourceIdentity } from './source-identity.js'
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

/** Hex digits of a key: 160 bits. */
const KEY_LENGTH = 40

/** Creates the answers of a server. */
export function createImageAnswers(
  store: Store,
  options: ResolvedOptions,
  renditions: Renditions,
): ImageAnswers {
  const compile = createQueryCompiler(options)
  const identify = createIdentify(store)
  const tool = JSON.stringify(versions())

  async function identifySource(ref: string, isFresh: boolean): Promise<SourceIdentity> {
    const identity = await identify(ref, isFresh)
    if (identity !== undefined) return identity
    throw new ImgprocError('INPUT_NOT_FOUND', `There is no file ${ref}. Check its name.`, {
      stage: 'read',
      path: ref,
    })
  }

  /** Returns a hash of everything that decides the bytes of the answer; undefined if the source has no version. */
  async function keyOf(ref: string, { version }: SourceIdentity, recipe: string, files: readonly string[]) {
    if (version === undefined) return undefined
    const parts = [tool, recipe, ref, version]
    for (const file of files) parts.push(file, (await identify(file))?.version ?? '')
    return sha256(parts.join('\n')).slice(0, KEY_LENGTH)
  }

  async function answerFile(request: Request, { ref, name }: ImageSubject): Promise<ImageAnswer> {
    const identity = await identifySource(ref, false)
    const key = await keyOf(ref, identity, '', [])
    const facts: ImageFacts = { name, key, modified: identity.modified, usesAccept: false, usesHints: false }
    if (isKnown(request, key))
      return {
        response: createNotModified(facts, options),
        outcome: { from: 'validator', presets: [], type: undefined },
      }
    const data = await store.read(ref, { maxBytes: options.limits.bytes, signal: request.signal })
    const type = imageTypeOf(data)
    if (type === undefined) throw createNoImageError(ref)
    const body = Buffer.from(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength) // stores allocate no shared memory
    return {
      response: createImageResponse({ type, data: body }, facts, options),
      outcome: { from: 'source', presets: [], type },
    }
  }

  async function answerRendition(
    request: Request,
    subject: ImageSubject,
    query: CompiledQuery,
    isFresh = false,
  ): Promise<ImageAnswer> {
    const { ref, name } = subject
    const asked = query.resolve(conditionsOf(request, query))
    const { presets, density } = asked
    const identity = await identifySource(ref, isFresh)
    const key = await keyOf(ref, identity, asked.hash, asked.files)
    const { usesAccept, usesHints } = query
    const facts: ImageFacts = { name, key, modified: identity.modified, usesAccept, usesHints }
    const answerWith = (made: Rendition, from: Outcome['from']): ImageAnswer => ({
      response: createImageResponse(made, { ...facts, density: densityOf(made, density) }, options),
      outcome: { from, presets, type: made.type },
    })
    if (isKnown(request, key))
      return {
        response: createNotModified(facts, options),
        outcome: { from: 'validator', presets, type: undefined },
      }
    const recalled = key === undefined ? undefined : renditions.recall(key)
    if (recalled !== undefined) return answerWith(recalled, 'memory')
    // A picture must not be kept under the version of an older file.
    if (identity.isRemembered) return answerRendition(request, subject, query, true)
    const { made, from } = await renditions.make({ key, ref, asked, signal: request.signal })
    return answerWith(made, from)
  }

  return {
    async answer(request, subject) {
      const query = compile(subject.query)
      return query.isEmpty ? answerFile(request, subject) : answerRendition(request, subject, query)
    },
  }
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
