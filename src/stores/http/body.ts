import type { IncomingMessage } from 'node:http'
import { addAbortSignal, pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { collectStream } from '../../utils/collect-stream.js'
import { createOverLimitError, createTooLargeError } from '../errors.js'
import { contentLength } from './redirects.js'

const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['br', createBrotliDecompress],
  ['deflate', createInflate],
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
])

export interface BodyOptions {
  /** The URL in messages. */
  readonly name: string
  readonly signal: AbortSignal
  readonly maxBytes: number
  /** The part of the body that is returned: first byte, and the one after the last. */
  readonly range: readonly [from: number, to: number]
}

/** True if the body is compressed, which some servers do although the request asks for `identity`. */
export function isEncoded(response: IncomingMessage): boolean {
  return decoderOf(response) !== undefined
}

/**
 * Reads a range of the body, decompressed. If the connection breaks, throws the error of the stream.
 *
 * @throws ImgprocError INPUT_TOO_LARGE, before reading if the size is announced.
 */
export async function readBody(response: IncomingMessage, options: BodyOptions): Promise<Uint8Array> {
  const { name, signal, maxBytes, range: [from, to] } = options // prettier-ignore
  const length = isEncoded(response) ? undefined : contentLength(response)
  const expected = length === undefined ? 0 : Math.max(0, Math.min(to, length) - from)
  if (expected > maxBytes) throw createTooLargeError(name, expected, maxBytes)

  // The announced size is not allocated up front: the server may be untrusted.
  const parts = sliceStream(decode(addAbortSignal(signal, response)), [from, to], length)
  return collectStream(parts, { maxBytes, createLimitError: () => createOverLimitError(name, maxBytes) })
}

/**
 * Yields the bytes of a range of a stream, and closes the stream after the range. If the range ends with the stream
 * (`length` is its announced size), reads to the end instead, so that the connection can be reused.
 */
async function* sliceStream(
  stream: AsyncIterable<unknown>,
  [from, to]: BodyOptions['range'],
  length: number | undefined,
): AsyncGenerator<Uint8Array> {
  let position = 0
  for await (const chunk of stream) {
    const bytes = toBytes(chunk)
    const part = bytes.subarray(Math.max(0, from - position), Math.max(0, to - position))
    position += bytes.length
    if (part.length > 0) yield part
    if (position >= to && position !== length) break
  }
}

function decode(response: IncomingMessage): Readable {
  const decoder = decoderOf(response)?.()
  // The callback is empty because the decoder emits every error as well.
  return decoder === undefined ? response : pipeline(response, decoder, () => {})
}

function decoderOf({ headers }: IncomingMessage): (() => Transform) | undefined {
  return DECODERS.get(headers['content-encoding']?.trim().toLowerCase() ?? '')
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  throw new TypeError('A chunk of the body is text, not bytes.')
}
