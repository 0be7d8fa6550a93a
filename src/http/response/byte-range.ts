/** A part of a file: its first byte, and the one after its last. */
export type ByteRange = readonly [from: number, to: number]

/** The headers of a request that ask for a part. */
export interface RangeHeaders {
  readonly range: string | undefined
  /** The part is wanted only if the file still has this ETag. */
  readonly ifRange: string | undefined
}

/**
 * Returns the part of a file that a request asks for (RFC 9110), `all`, or `none` if there is no such part. Several parts at
 * once are not supported: the whole file is the answer to them.
 */
export function findRange(
  { range, ifRange }: RangeHeaders,
  size: number,
  etag: string,
): ByteRange | 'all' | 'none' {
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== etag)) return 'all'
  const [, first = '', last = ''] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(range) ?? []
  if (first === '' && last === '') return 'all'
  if (first === '')
    return Number(last) === 0 || size === 0 ? 'none' : [Math.max(0, size - Number(last)), size]
  const from = Number(first)
  const to = last === '' ? size : Math.min(Number(last) + 1, size)
  // An end before the start is no range at all.
  if (last !== '' && Number(last) < from) return 'all'
  return from < size ? [from, to] : 'none'
}
