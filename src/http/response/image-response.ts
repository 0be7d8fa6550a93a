import { ACCEPT_CH } from '../request/client-hints.js'
import type { ResolvedOptions } from '../types.js'
import { cacheControlFor } from './cache-control.js'
import { contentDisposition } from './content-disposition.js'
import { imageName } from './image-name.js'
import { SVG_TYPE } from './media-type.js'

/** Facts about a picture that its headers tell. */
export interface ImageFacts {
  /** File name of the source. */
  readonly name: string
  /** Hash of source and recipe: the ETag. */
  readonly key: string | undefined
  /** ISO 8601. */
  readonly modified: string | undefined
  readonly usesAccept: boolean
  readonly usesHints: boolean
  /** Pixels for each CSS pixel, if the picture was made for a density. */
  readonly density?: number | undefined
}

type CacheOptions = Pick<ResolvedOptions, 'cacheControl' | 'immutable'>

/** An SVG may hold scripts. Opened as a page, it must run none, nor read cookies of this host. */
const SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

/** Creates the answer with a picture. Its headers are a plain object, which Node.js writes without a copy. */
export function createImageResponse(
  { type, data }: { readonly type: string; readonly data: Buffer<ArrayBuffer> },
  facts: ImageFacts,
  options: CacheOptions,
): Response {
  const headers: Record<string, string> = {
    ...validators(facts, options),
    'content-type': type,
    'content-length': String(data.length),
    'content-disposition': contentDisposition('inline', imageName(facts.name, type)),
    'x-content-type-options': 'nosniff',
  }
  if (facts.density !== undefined) headers['content-dpr'] = String(facts.density)
  if (type === SVG_TYPE) headers['content-security-policy'] = SVG_POLICY
  return new Response(data, { headers })
}

/** Creates the answer that the client's copy is current. */
export function createNotModified(facts: ImageFacts, options: CacheOptions): Response {
  return new Response(null, { status: 304, headers: validators(facts, options) })
}

function validators(
  { name, key, modified, usesAccept, usesHints }: ImageFacts,
  options: CacheOptions,
): Record<string, string> {
  const vary = [...(usesAccept ? ['Accept'] : []), ...(usesHints ? [ACCEPT_CH] : [])].join(', ')
  return {
    ...(key !== undefined && { etag: `"${key}"` }),
    ...(modified !== undefined && { 'last-modified': new Date(modified).toUTCString() }),
    'cache-control': cacheControlFor(name, options),
    ...(vary !== '' && { vary }),
    ...(usesHints && { 'accept-ch': ACCEPT_CH }),
  }
}
