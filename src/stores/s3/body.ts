import { Readable } from 'node:stream'
import { collectStream } from '../../utils/collect-stream.js'
import { tooLarge } from '../errors.js'

/** What a body may and has to be. */
export interface BodyOptions {
  readonly ref: string
  /** Bytes that were announced. */
  readonly length: number | undefined
  readonly maxBytes: number | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * The whole of an answer's body.
 *
 * @throws INPUT_TOO_LARGE before it is read where its length is announced, else as soon as it is known.
 * @throws an error named TruncatedBody where less came than was announced.
 */
export async function readBody(body: unknown, options: BodyOptions): Promise<Uint8Array> {
  const { ref, length, maxBytes = Infinity, signal } = options
  // In Node the SDK gives nothing else.
  if (!(body instanceof Readable)) throw new TypeError('The body of the answer is no stream.')
  try {
    const createLimitError = (bytes: number) => tooLarge(ref, bytes, maxBytes)
    const data = await collectStream(body, { length, maxBytes, signal, createLimitError })
    if (length !== undefined && data.length < length) throw createTruncatedError(data.length, length)
    return data
  } finally {
    // What is left of it isn't wanted, and would hold the connection.
    body.destroy()
  }
}

function createTruncatedError(received: number, length: number): Error {
  const message = `it broke off after ${received} of ${length} bytes`
  return Object.assign(new Error(message), { name: 'TruncatedBody' })
}
