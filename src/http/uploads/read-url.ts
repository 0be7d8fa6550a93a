import { createHttpStore } from '../../stores/http/store.js'

export interface UrlReaderOptions {
  /** Lets URLs lead to private addresses. Otherwise neither they nor their redirects can. */
  readonly allowPrivate: boolean
  readonly maxBytes: number
}

/** Seconds for a URL, redirects and further attempts included. The client waits for it. */
const TIMEOUT = 30
/** Seconds without a byte. */
const IDLE_TIMEOUT = 10

/** Creates a reader of URLs that strangers name. */
export function createUrlReader({ allowPrivate, maxBytes }: UrlReaderOptions) {
  const store = createHttpStore({ allowPrivate, timeout: TIMEOUT, idleTimeout: IDLE_TIMEOUT })
  return (url: string, signal: AbortSignal): Promise<Uint8Array> => store.read(url, { maxBytes, signal })
}
