import { addAbortSignal, type Readable } from 'node:stream'
import type { Bucket } from '@google-cloud/storage'
import { createTruncatedError, readBody } from '../cloud/body.js'
import { fieldOf } from '../cloud/failure.js'
import { createTooLargeError } from '../errors.js'

export interface ObjectRead {
  readonly ref: string
  readonly name: string
  /** First byte, and the one after the last. */
  readonly range: readonly [from: number, to: number] | undefined
  readonly maxBytes: number | undefined
  /** Ends the download when it aborts. */
  readonly signal: AbortSignal
  readonly onProgress: () => void
}

/**
 * Downloads an object, or a range of it. The SDK compares the checksum of a whole one.
 *
 * @throws INPUT_TOO_LARGE as soon as the answer tells its size.
 * @throws an error named TruncatedBody if it is shorter than announced.
 */
export async function readObject(bucket: Bucket, options: ObjectRead): Promise<Uint8Array> {
  const { ref, name, range, maxBytes = Infinity, signal, onProgress } = options
  const [start, end] = range ?? []
  const stream: Readable = bucket.file(name).createReadStream({
    ...(start !== undefined && { start }),
    ...(end !== undefined && end !== Infinity && { end: end - 1 }),
  })
  let announced: number | undefined
  stream.on('response', (response: unknown) => {
    announced = lengthOf(response)
    if (announced !== undefined && announced > maxBytes)
      stream.destroy(createTooLargeError(ref, announced, maxBytes))
  })
  addAbortSignal(signal, stream)
  const body = { ref, length: undefined, maxBytes, signal: undefined, onProgress }
  const data = await readBody(stream, body)
  if (announced !== undefined && data.length < announced) throw createTruncatedError(data.length, announced)
  return data
}

/** Returns the announced size of a success; undefined if it is not the number of bytes that will come. */
function lengthOf(response: unknown): number | undefined {
  const headers = fieldOf(response, 'headers')
  const valueOf = (name: string) => (headers instanceof Headers ? headers.get(name) : fieldOf(headers, name))
  const status = Number(fieldOf(response, 'statusCode') ?? fieldOf(response, 'status'))
  if (status >= 300 || typeof valueOf('content-encoding') === 'string') return undefined
  const length = valueOf('content-length')
  return typeof length === 'string' ? Number(length) : undefined
}
