import { Readable } from 'node:stream'
import { collectStream } from '../../utils/collect-stream.js'
import { createTooLargeError } from '../errors.js'

export interface BodyOptions {
  readonly ref: string
  /** Announced size in bytes. */
  readonly length: number | undefined
  readonly maxBytes: number | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * Reads the whole body of an answer.
 *
 * @throws INPUT_TOO_LARGE before reading if the size is announced, else as soon as the limit is exceeded.
 * @throws an error named TruncatedBody if it is shorter than announced.
 */
export async function readBody(body: unknown, options: BodyOptions): Promise<Uint8Array> {
  const { ref, length, maxBytes = Infinity, signal } = options
  // In Node, the SDK always returns a Readable.
  if (!(body instanceof Readable)) throw new TypeError('The body of the answer is not a stream.')
  try {
    const createLimitError = (bytes: number) => createTooLargeError(ref, bytes, maxBytes)
    const data = await collectStream(body, { length, maxBytes, signal, createLimitError })
    if (length !== undefined && data.length < length) throw createTruncatedError(data.length, length)
    return data
  } finally {
    // An unread rest would occupy the connection.
    body.destroy()
  }
}

function createTruncatedError(received: number, length: number): Error {
  const message = `it broke off after ${received} of ${length} bytes`
  return Object.assign(new Error(message), { name: 'TruncatedBody' })
}
