/** Seconds that a request may wait, at most. Proxies give up after a minute. */
const MAX_WAIT = 50

/**
 * Returns the seconds of `Prefer: wait=10` (RFC 7240), at most 50; undefined if the client does not want to wait.
 *
 * @param header value of the header `Prefer`.
 */
export function preferredWait(header: string | undefined): number | undefined {
  for (const preference of header?.split(',') ?? []) {
    const digits = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(preference)?.[1]
    if (digits !== undefined) return Math.min(Number(digits), MAX_WAIT)
  }
  return undefined
}
