import type { IncomingMessage } from 'node:http'
import type { ReadOptions, Store, Source } from '../types.js'
import { withoutSecrets } from '../../paths/url.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { ask } from './request.js'
import { isEncoded, readBody } from './body.js'
import { type HttpClient, lengthOf } from './redirects.js'
import { createAgents, createGuardedAgents, isPrivateAddress } from './private-addresses.js'

export interface HttpStoreOptions {
  /** Sent with each request, but not to another server that it redirects to. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * Seconds that reading one URL may take, tries and pauses included.
   * @default 120
   */
  readonly timeout?: number | undefined
  /**
   * Seconds that a server may be silent.
   * @default 30
   */
  readonly idleTimeout?: number | undefined
  /**
   * How many redirects are followed.
   * @default 5
   */
  readonly redirects?: number | undefined
  /**
   * Whether addresses may be read that are not the public internet's: for servers that take URLs from strangers,
   * false. A public server can't redirect to a private one either way.
   * @default true
   */
  readonly allowPrivate?: boolean | undefined
  /**
   * Which IP addresses are private.
   * @default loopback, private, link-local, unique-local, multicast and other special networks
   */
  readonly isPrivate?: ((address: string) => boolean) | undefined
}

/** What HEAD is answered with where GET may still be answered: a URL may be signed for GET alone. */
const HEAD_REFUSED = [403, 405, 501]
const GONE = [404, 410]
const BEYOND_END = 416

/**
 * The store of images on the web: it only reads. Nothing is asked of a server before an image is read, a broken
 * connection or a busy server is tried three times, and no error holds the query or password of a URL.
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
  const guarded = createGuardedAgents(isPrivate)
  const client = { headers, timeout, idleTimeout, redirects, allowPrivate, isPrivate, agents, guarded }
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
      throw readOnly(url)
    },
    remove: async (url) => {
      throw readOnly(url)
    },
  }
}

/** A URL as `URL` writes it, without its fragment; one that is none as it is, to fail when it is read. */
function normalize(ref: string): string {
  if (!URL.canParse(ref)) return ref
  const url = new URL(ref)
  url.hash = ''
  return url.href
}

/** The servers' own folder: `{dir}` has the host, too. */
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
  const wanted = { range: `bytes=${from}-${to === Infinity ? '' : to - 1}` }
  const accepts = isPart ? [200, 206, BEYOND_END] : [200]
  const question = { method: 'GET', accepts, headers: isPart ? wanted : {}, signal } as const
  const body = await ask(client, ref, question, async (response, life) => {
    const limits = { name, signal: life, maxBytes }
    if (response.statusCode === BEYOND_END) return new Uint8Array()
    if (response.statusCode === 200) return readBody(response, { ...limits, range: [from, to] })
    return isPartFrom(response, from) ? readBody(response, { ...limits, range: [0, to - from] }) : undefined
  })
  if (body !== undefined) return body
  return ask(client, ref, { method: 'GET', accepts: [200], signal }, (response, life) =>
    readBody(response, { name, signal: life, maxBytes, range: [from, to] }),
  )
}

/** Whether a part begins where it should, and is one of the image rather than of its compressed form. */
function isPartFrom(response: IncomingMessage, from: number): boolean {
  const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]
  return Number(start) === from && !isEncoded(response)
}

async function statUrl(client: HttpClient, ref: string): Promise<Source | undefined> {
  const known = [200, ...GONE]
  const head = { method: 'HEAD', accepts: [...known, ...HEAD_REFUSED] } as const
  const found = await ask(client, ref, head, (response) =>
    HEAD_REFUSED.includes(response.statusCode ?? 0) ? 'refused' : toSource(response, ref),
  )
  if (found !== 'refused') return found
  const first = {
    method: 'GET',
    accepts: [...known, 206, BEYOND_END],
    headers: { range: 'bytes=0-0' },
  } as const
  return ask(client, ref, first, (response) => toSource(response, ref))
}

function toSource(response: IncomingMessage, ref: string): Source | undefined {
  const { statusCode = 0, headers } = response
  if (GONE.includes(statusCode)) return undefined
  const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]
  const size = statusCode === 200 && !isEncoded(response) ? lengthOf(response) : Number(total ?? 0)
  const modified = Date.parse(headers['last-modified'] ?? '')
  const etag = headers.etag?.replaceAll('"', '')
  return {
    ref,
    size: size ?? 0,
    ...(!Number.isNaN(modified) && { modified: new Date(modified).toISOString() }),
    ...(etag !== undefined && { etag }),
  }
}

function readOnly(url: string): ImgprocError {
  const message = 'Images are only read over HTTP, never written. Choose a folder or s3:// for --out.'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'write', path: withoutSecrets(url) })
}
