import { ImgprocError } from '../errors.js'
import type { Store } from '../stores/types.js'
import { sha256 } from '../utils/sha256.js'
import { createProblem } from './response/problem.js'

export interface LargeAnswersOptions {
  readonly store: Store
  /** Location of the folder, without a slash at its end. */
  readonly folder: string
  /** Bytes that an answer may have. */
  readonly maxBytes: number
}

/** Seconds that a URL works: enough to begin a download. */
const VALID_SECONDS = 300
/** Seconds that a CDN may repeat the redirect, so that every URL has time left. */
const REPEAT_SECONDS = 60

/**
 * Creates a function that replaces an answer with more bytes than its server passes on: it writes them to the store, and
 * redirects to a presigned URL. Nothing but the bytes names the file, so that equal answers are kept once.
 *
 * @example
 * ```ts
 * const redirectLarge = createLargeAnswers({ store, folder: 's3://shop/imgproc/large', maxBytes: 4_000_000 })
 * const answer = await redirectLarge(await handler.fetch(request))
 * ```
 */
export function createLargeAnswers(options: LargeAnswersOptions): (response: Response) => Promise<Response> {
  const { maxBytes } = options
  return async (response) => {
    const { body, headers, status } = response
    const announced = headers.get('content-length')
    // An error, a part of a file, or no body: as it is.
    if (body === null || status !== 200 || (announced !== null && Number(announced) <= maxBytes))
      return response
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (bytes.length <= maxBytes) return new Response(bytes, { status, headers })
    try {
      return await redirect(bytes, headers, options)
    } catch (error) {
      return createProblem(error)
    }
  }
}

async function redirect(
  bytes: Uint8Array,
  headers: Headers,
  { store, folder, maxBytes }: LargeAnswersOptions,
): Promise<Response> {
  const ref = `${folder}/${sha256(bytes)}`
  const contentType = headers.get('content-type') ?? 'application/octet-stream'
  if (store.presign === undefined) throw createStoreError(bytes.length, maxBytes)
  if ((await store.stat(ref)) === undefined) await store.write(ref, bytes, { contentType })
  const contentDisposition = headers.get('content-disposition') ?? undefined
  const location = await store.presign(ref, { seconds: VALID_SECONDS, contentDisposition })
  if (location === undefined) throw createStoreError(bytes.length, maxBytes)
  const isPublic = /\bpublic\b/.test(headers.get('cache-control') ?? '')
  const vary = headers.get('vary')
  return new Response(null, {
    status: 302,
    headers: {
      location,
      'cache-control': isPublic ? `public, max-age=${REPEAT_SECONDS}` : 'no-store',
      ...(vary !== null && { vary }),
    },
  })
}

function createStoreError(bytes: number, maxBytes: number): ImgprocError {
  const message = `The answer has ${bytes} bytes, and ${maxBytes} can be passed on from here. Larger ones need a store in S3: set serve.store to an s3:// URL.`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}
