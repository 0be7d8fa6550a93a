import { BUCKET_URLS } from '../paths/location.js'
import type { ReadOptions, Store } from './types.js'
import { describeData } from '../paths/url.js'
import { ImgprocError, throwIfAborted } from '../errors.js'
import { createTooLargeError, quote } from './errors.js'

const PERCENT = 0x25
/** Characters that an error shows: less than the whole URL, which messages replace by a short name. */
const MAX_SHOWN = 40

/**
 * Creates the store of data URLs (RFC 2397), which contain the image. Its refs are the URLs themselves;
 * `describeData` returns a short name for each.
 *
 * @example
 * ```ts
 * await createDataUrlStore().read('data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>')
 * ```
 */
export function createDataUrlStore(): Store {
  return {
    scheme: 'data',
    locate: async (url) => ({ kind: 'file', ref: url, base: 'data' }),
    async *list(url, { signal } = {}) {
      throwIfAborted(signal)
      yield { ref: url, size: 0 }
    },
    stat: async (url) => ({ ref: url, size: readDataUrl(url).length }),
    read: async (url, options) => readDataUrl(url, options),
    write: async (url) => {
      throw createReadOnlyError(url)
    },
    remove: async (url) => {
      throw createReadOnlyError(url)
    },
  }
}

function readDataUrl(url: string, options: ReadOptions = {}): Uint8Array {
  const { signal, maxBytes = Infinity, range: [from, to] = [0, Infinity] } = options
  throwIfAborted(signal)
  const comma = url.indexOf(',')
  if (comma === -1) throw createInvalidUrlError(url, 'has no comma before its data')
  const text = url.slice(comma + 1)
  const isBase64 = /;\s*base64\s*$/i.test(url.slice(0, comma))

  const unescaped = isBase64 && text.includes('%') ? decodePercent(text).toString('latin1') : text
  const digits = isBase64 ? unescaped.replaceAll(/[\t\n\f\r ]+/g, '').replace(/={1,2}$/, '') : ''
  // A byte takes two digits at least, so a group of one digit is invalid.
  if (isBase64 && (!/^[\w+/-]*$/.test(digits) || digits.length % 4 === 1)) {
    throw createInvalidUrlError(url, 'contains invalid base64')
  }
  const size = isBase64 ? Math.floor((digits.length * 3) / 4) : sizeOfPercentEncoded(text)
  const requested = Math.max(0, Math.min(to, size) - from)
  if (requested > maxBytes) throw createTooLargeError(describeData(url), requested, maxBytes)
  const data = isBase64 ? Buffer.from(digits, 'base64') : decodePercent(text)
  return data.subarray(from, Math.max(from, Math.min(to, size)))
}

function sizeOfPercentEncoded(text: string): number {
  return Buffer.byteLength(text) - 2 * (text.match(/%[0-9a-f]{2}/gi)?.length ?? 0)
}

/** Decodes text to bytes, `%41` to one byte. A `%` without two hexadecimal digits is taken literally. */
function decodePercent(text: string): Buffer {
  const bytes = Buffer.from(text)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const digits = bytes[at] === PERCENT ? bytes.toString('latin1', at + 1, at + 3) : undefined
    const isPair = digits !== undefined && /^[0-9a-f]{2}$/i.test(digits)
    bytes[length++] = isPair ? Number.parseInt(digits, 16) : (bytes[at] ?? 0)
    if (isPair) at += 2
  }
  return bytes.subarray(0, length)
}

function createInvalidUrlError(url: string, problem: string): ImgprocError {
  const name = describeData(url)
  const message =
    `The data URL that begins with ${quote(url.slice(0, Math.min(MAX_SHOWN, url.length - 1)))} ${problem}. ` +
    'It should look like data:image/png;base64,iVBORw0…'
  return new ImgprocError('CORRUPT_IMAGE', message, { stage: 'read', path: name })
}

function createReadOnlyError(url: string): ImgprocError {
  const message = `A data URL can't be written. Choose a folder, ${BUCKET_URLS} for --out.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'write', path: describeData(url) })
}
