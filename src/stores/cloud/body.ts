import { Readable } from 'node:stream'
import { collectStream } from '../../utils/collect-stream.js'
import { createTooLargeError } from '../errors.js'

export interface BodyOptions {
  readonly ref: string
  /** Announced size in bytes. */
  readonly length: number | undefined
  readonly maxBytes: number | undefined
  readonly signal: AbortSignal | undefined
  /** Called when bytes have arrived. */
  readonly onProgress?: () => void
}

/**
 * Reads the whole body of an answer.
 *
 * @throws INPUT_TOO_LARGE before reading if the size is announced, else as soon as the limit is exceeded.
 * @throws an error named TruncatedBody if it is shorter than announced.
 */
export async function readBody(body: unknown, options: BodyOptions): Promise<Uint8Array> {
  const { ref, length, maxBytes = Infinity, signal, onProgress } = options
  // In Node, the SDKs always return a Readable.
  if (!(body instanceof Readable)) throw new TypeError('The body of the answer is not a stream.')
  try {
    const createLimitError = (bytes: number) => createTooLargeError(ref, bytes, maxBytes)
    const chunks = onProgress === undefined ? body : watch(body, onProgress)
    const data = await collectStream(chunks, { length, maxBytes, signal, createLimitError })
    if (length !== undefined && data.length < length) throw createTruncatedError(data.length, length)
    return data
  } finally {
    // An unread rest would occupy the connection.
    body.destroy()
  }
}

async function* watch(chunks: AsyncIterable<unknown>, onProgress: () => void): AsyncGenerator {
  for await (const chunk of chunks) {
    onProgress()
    yield chunk
  }
}

/** Creates the error of a body that ended too early. It is temporary. */
export function createTruncatedError(received: number, length: number): Error {
  const message = `it broke off after ${received} of ${length} bytes`
  return Object.assign(new Error(message), { name: 'TruncatedBody' })
}
