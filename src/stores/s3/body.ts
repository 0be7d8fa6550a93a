import { Readable } from 'node:stream'
import { throwIfAborted } from '../../errors.js'
import { tooLarge } from '../errors.js'

/** Bytes set aside for a body whose length isn't announced, to begin with. */
const CHUNK = 64 * 1024

/** What a body may and has to be. */
export interface BodyLimits {
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
export async function readBody(body: unknown, limits: BodyLimits): Promise<Uint8Array> {
  // In Node the SDK gives nothing else.
  if (!(body instanceof Readable)) throw new TypeError('The body of the answer is no stream.')
  try {
    return await collect(body, limits)
  } finally {
    // What is left of it isn't wanted, and would hold the connection.
    body.destroy()
  }
}

async function collect(
  body: AsyncIterable<Buffer>,
  { ref, length, maxBytes = Infinity, signal }: BodyLimits,
): Promise<Uint8Array> {
  if (length !== undefined && length > maxBytes) throw tooLarge(ref, length, maxBytes)
  let buffer = Buffer.allocUnsafeSlow(length ?? CHUNK)
  let received = 0
  for await (const chunk of body) {
    throwIfAborted(signal)
    const end = received + chunk.length
    if (end > maxBytes) throw tooLarge(ref, end, maxBytes)
    if (end > buffer.length) buffer = Buffer.concat([buffer], Math.max(end, buffer.length * 2))
    chunk.copy(buffer, received)
    received = end
  }
  if (length !== undefined && received < length) throw truncated(received, length)
  return buffer.subarray(0, received)
}

function truncated(received: number, length: number): Error {
  const message = `it broke off after ${received} of ${length} bytes`
  return Object.assign(new Error(message), { name: 'TruncatedBody' })
}
