import { ImgprocError } from '../../errors.js'
import { quote } from '../errors.js'
import type { Source } from '../types.js'

/** One answer to a request for a list. */
export interface Page {
  readonly sources: readonly Source[]
  /** Token of the next page; empty if the server lacks it although there is one; undefined at the end. */
  readonly next: string | undefined
}

/** Properties of an object, as all SDKs have them. */
export interface ObjectProperties {
  /** Bytes. @default 0 */
  readonly size: number | undefined
  readonly modified: Date | undefined
  /** Changes with the content. Quotes around it are left out. */
  readonly etag: string | undefined
}

/**
 * Lists page by page, and holds one at a time.
 *
 * @param load requests a page; the first has no token.
 * @throws ImgprocError READ_FAILED if the server gives no new token: a partial list must not look complete, nor repeat forever.
 */
export async function* listPages(
  prefix: string,
  load: (token: string | undefined) => Promise<Page>,
): AsyncGenerator<Source> {
  let token: string | undefined
  do {
    const { sources, next } = await load(token)
    yield* sources
    if (next === '' || (next !== undefined && next === token)) throw createTokenError(prefix)
    token = next
  } while (token !== undefined)
}

/** Converts the properties of an object to a source. */
export function toSource(ref: string, { size = 0, modified, etag }: ObjectProperties): Source {
  return {
    ref,
    size,
    ...(modified !== undefined && { modified: modified.toISOString() }),
    ...(etag !== undefined && { etag: etag.replace(/^"|"$/g, '') }),
  }
}

function createTokenError(prefix: string): ImgprocError {
  const message = `${quote(prefix)} can't be listed: the server says that there is more, but gives no token for the next page. Check the endpoint.`
  return new ImgprocError('READ_FAILED', message, { stage: 'read', path: prefix, retryable: false })
}
