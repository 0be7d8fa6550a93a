import type { IncomingMessage } from 'node:http'
import { addAbortSignal, pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { ImgprocError } from '../../errors.js'
import { collectStream } from '../../utils/collect-stream.js'
import { quote, tooLarge } from '../errors.js'
import { lengthOf } from './redirects.js'

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
  /** What is kept of the body: first byte, and the one after the last. */
  readonly range: readonly [from: number, to: number]
}

/** Whether a body is sent compressed, though nobody asked for it. */
export function isEncoded(response: IncomingMessage): boolean {
  return decoderOf(response) !== undefined
}

/** Reads a body; a connection that breaks before its end is an error of the stream. */
export async function readBody(response: IncomingMessage, options: BodyOptions): Promise<Uint8Array> {
  const { name, signal, maxBytes, range: [from, to] } = options // prettier-ignore
  const length = isEncoded(response) ? undefined : lengthOf(response)
  const expected = length === undefined ? 0 : Math.max(0, Math.min(to, length) - from)
  if (expected > maxBytes) throw tooLarge(name, expected, maxBytes)

  // No buffer of the announced size: it comes from a server that need not be trusted.
  const parts = sliceStream(decode(addAbortSignal(signal, response)), [from, to], length)
  return collectStream(parts, { maxBytes, createLimitError: () => tooMuch(name, maxBytes) })
}

/**
 * Yields the bytes of a range of a stream, and closes the stream behind it. A stream that ends there anyway
 * (`length` is its announced size) is read to its end, so that the connection can be used again.
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
  // The callback has nothing to do: what goes wrong comes out of the decoder, too.
  return decoder === undefined ? response : pipeline(response, decoder, () => {})
}

function decoderOf({ headers }: IncomingMessage): (() => Transform) | undefined {
  return DECODERS.get(headers['content-encoding']?.trim().toLowerCase() ?? '')
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  throw new TypeError('A body came as text.')
}

function tooMuch(name: string, maxBytes: number): ImgprocError {
  const message =
    `${quote(name)} is larger than the limit of ${(maxBytes / 1e6).toFixed(1)} MB. ` +
    'If you trust it, raise limits.bytes (--limit-bytes).'
  return new ImgprocError('INPUT_TOO_LARGE', message, { stage: 'read', path: name })
}
