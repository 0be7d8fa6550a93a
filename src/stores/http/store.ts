import { BUCKET_URLS } from '../../paths/location.js'
import type { IncomingMessage } from 'node:http'
import type { ReadOptions, Store, Source } from '../types.js'
import { withoutSecrets } from '../../paths/url.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { requestWithRetries } from './request.js'
import { isEncoded, readBody } from './body.js'
import { contentLength, type HttpClient } from './redirects.js'
import { createAgents, createPublicAgents, isPrivateAddress } from './private-addresses.js'

export interface HttpStoreOptions {
  /** Sent with each request, but not to another server after a redirect. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * Maximum seconds to read one URL, including attempts and delays.
   * @default 120
   */
  readonly timeout?: number | undefined
  /**
   * Maximum seconds without a received byte.
   * @default 30
   */
  readonly idleTimeout?: number | undefined
  /**
   * Maximum number of redirects that are followed.
   * @default 5
   */
  readonly redirects?: number | undefined
  /**
   * Allows private addresses. Set it to false if URLs come from untrusted users. A public server cannot redirect to a
   * private address either way.
   * @default true
   */
  readonly allowPrivate?: boolean | undefined
  /**
   * Decides which IP addresses are private.
   * @default loopback, private, link-local, unique-local, multicast and other special networks
   */
  readonly isPrivate?: ((address: string) => boolean) | undefined
}

/** Statuses of HEAD after which GET is tried: a URL may be signed for GET only. */
const HEAD_REFUSED = [403, 405, 501]
const NOT_FOUND = [404, 410]
const RANGE_NOT_SATISFIABLE = 416

/**
 * Creates the store of images on the web. It is read-only. Listing sends no request. After a broken connection or a
 * busy server, a request is made up to three times. No error contains the query or password of a URL.
 *
 * @example
 * ```ts
 * const store = createHttpStore({ timeout: 20, allowPrivate: false })
 * const bytes = await store.read('https://example.com/photo.jpg', { maxBytes: 50_000_000 })
 * ```
 */
export function createHttpStore(options: HttpStoreOptions = {}): Store {
  const { headers = {}, timeout = 120, idleTimeout = 30, redirects = 5, allowPrivate = true } = options
  const { isPrivate = isPrivateAddress } = options
  const agents = createAgents()
  const publicAgents = createPublicAgents(isPrivate)
  const client = { headers, timeout, idleTimeout, redirects, allowPrivate, isPrivate, agents, publicAgents }
  return {
    scheme: 'http',
    locate: async (url) => {
      const kind = URL.canParse(url) ? 'file' : 'nothing'
      return { kind, ref: normalize(url), base: rootOf(url) }
    },
    async *list(url, { signal } = {}) {
      throwIfAborted(signal)
      yield { ref: normalize(url), size: 0 }
    },
    stat: async (url) => statUrl(client, normalize(url)),
    read: async (url, readOptions) => readUrl(client, normalize(url), readOptions),
    write: async (url) => {
      throw createReadOnlyError(url)
    },
    remove: async (url) => {
      throw createReadOnlyError(url)
    },
  }
}

/** Normalizes a URL and removes its fragment. Returns an invalid URL unchanged: reading it reports the error. */
function normalize(ref: string): string {
  if (!URL.canParse(ref)) return ref
  const url = new URL(ref)
  url.hash = ''
  return url.href
}

/** Returns the base of `{dir}`, which begins with the host. */
function rootOf(ref: string): string {
  return /^https:/i.test(ref) ? 'https://' : 'http://'
}

async function readUrl(client: HttpClient, ref: string, options: ReadOptions = {}): Promise<Uint8Array> {
  const { signal, maxBytes = Infinity, range } = options
  const [from, to] = range ?? [0, Infinity]
  const name = withoutSecrets(ref)
  throwIfAborted(signal)
  if (to <= from) return new Uint8Array()
  const isPart = from > 0 || to < Infinity
  const rangeHeader = { range: `bytes=${from}-${to === Infinity ? '' : to - 1}` }
  const accepts = isPart ? [200, 206, RANGE_NOT_SATISFIABLE] : [200]
  const request = { method: 'GET', accepts, headers: isPart ? rangeHeader : {}, signal } as const
  const body = await requestWithRetries(client, ref, request, async (response, deadline) => {
    const limits = { name, signal: deadline, maxBytes }
    if (response.statusCode === RANGE_NOT_SATISFIABLE) return new Uint8Array()
    if (response.statusCode === 200) return readBody(response, { ...limits, range: [from, to] })
    return isPartFrom(response, from) ? readBody(response, { ...limits, range: [0, to - from] }) : undefined
  })
  if (body !== undefined) return body
  // The part was not usable: read all, and cut the range out.
  return requestWithRetries(client, ref, { method: 'GET', accepts: [200], signal }, (response, deadline) =>
    readBody(response, { name, signal: deadline, maxBytes, range: [from, to] }),
  )
}

/** True if a part begins at the requested byte, and is a part of the image rather than of its compressed form. */
function isPartFrom(response: IncomingMessage, from: number): boolean {
  const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]
  return Number(start) === from && !isEncoded(response)
}

async function statUrl(client: HttpClient, ref: string): Promise<Source | undefined> {
  const known = [200, ...NOT_FOUND]
  const head = { method: 'HEAD', accepts: [...known, ...HEAD_REFUSED] } as const
  const found = await requestWithRetries(client, ref, head, (response) =>
    HEAD_REFUSED.includes(response.statusCode ?? 0) ? 'refused' : toSource(response, ref),
  )
  if (found !== 'refused') return found
  const getFirstByte = {
    method: 'GET',
    accepts: [...known, 206, RANGE_NOT_SATISFIABLE],
    headers: { range: 'bytes=0-0' },
  } as const
  return requestWithRetries(client, ref, getFirstByte, (response) => toSource(response, ref))
}

function toSource(response: IncomingMessage, ref: string): Source | undefined {
  const { statusCode = 0, headers } = response
  if (NOT_FOUND.includes(statusCode)) return undefined
  const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]
  const size = statusCode === 200 && !isEncoded(response) ? contentLength(response) : Number(total ?? 0)
  const modified = Date.parse(headers['last-modified'] ?? '')
  const etag = headers.etag?.replaceAll('"', '')
  return {
    ref,
    size: size ?? 0,
    ...(!Number.isNaN(modified) && { modified: new Date(modified).toISOString() }),
    ...(etag !== undefined && { etag }),
  }
}

function createReadOnlyError(url: string): ImgprocError {
  const message = `HTTP URLs can only be read, not written. Choose a folder, ${BUCKET_URLS} for --out.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'write', path: withoutSecrets(url) })
}
