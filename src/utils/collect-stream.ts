import { throwIfAborted } from '../errors.js'

/** Bytes that arrive in chunks. */
export interface ByteCollector {
  /** Bytes so far. */
  readonly length: number
  add(chunk: Uint8Array): void
  /** Returns all bytes so far as one Buffer: the same one until more is added. */
  toBuffer(): Buffer
}

export interface CollectOptions {
  /**
   * Bytes that may be collected.
   * @default no limit
   */
  readonly maxBytes?: number | undefined
  /** Makes the error of a stream that exceeds `maxBytes`; `bytes` is its size as announced, or as received so far. */
  readonly createLimitError: (bytes: number) => Error
  /**
   * Announced size in bytes: a Buffer of that size is allocated up front, and chunks are copied into it.
   * @default chunks are held until the stream ends, then concatenated
   */
  readonly length?: number | undefined
  /** Checked after each chunk; a stream that is silent is not interrupted. */
  readonly signal?: AbortSignal | undefined
  /** Makes the error of a chunk that is no Uint8Array. @default a TypeError */
  readonly createChunkError?: (() => Error) | undefined
}

/**
 * Reads a stream of byte chunks, of Node or of the web, into one Buffer. The limit is checked before a chunk is kept.
 * On an error the stream is closed, unless its announced size is over the limit: then it was not opened.
 *
 * @throws the error of `createLimitError` if the announced size, or the size received, exceeds `maxBytes`.
 * @throws ImgprocError ABORTED
 * @example
 * ```ts
 * const createLimitError = (bytes: number) => new Error(`${bytes} bytes are too many`)
 * const buffer = await collectStream(createReadStream('a.jpg'), { maxBytes: 1e6, createLimitError })
 * ```
 */
export async function collectStream(
  stream: AsyncIterable<unknown>,
  { maxBytes = Infinity, createLimitError, length, signal, createChunkError }: CollectOptions,
): Promise<Buffer> {
  if (length !== undefined && length > maxBytes) throw createLimitError(length)
  const collected = length === undefined ? createChunkCollector() : createBufferCollector(length)
  for await (const chunk of stream) {
    throwIfAborted(signal)
    if (!(chunk instanceof Uint8Array)) {
      throw createChunkError?.() ?? new TypeError('The stream holds chunks that are not bytes.')
    }
    const end = collected.length + chunk.length
    if (end > maxBytes) throw createLimitError(end)
    collected.add(chunk)
  }
  return collected.toBuffer()
}

/** Holds chunks, and concatenates them when the bytes are asked for. */
export function createChunkCollector(): ByteCollector {
  let chunks: Uint8Array[] = []
  let length = 0
  let joined: Buffer | undefined
  return {
    get length() {
      return length
    },
    add(chunk) {
      chunks.push(chunk)
      length += chunk.length
      joined = undefined
    },
    toBuffer() {
      if (joined === undefined) {
        joined = Buffer.concat(chunks, length)
        chunks = [joined]
      }
      return joined
    },
  }
}

/** Copies chunks into one Buffer of the expected size, which grows if more arrives. */
function createBufferCollector(expected: number): ByteCollector {
  let buffer = Buffer.allocUnsafeSlow(expected)
  let length = 0
  return {
    get length() {
      return length
    },
    add(chunk) {
      const end = length + chunk.length
      if (end > buffer.length) buffer = Buffer.concat([buffer], Math.max(end, buffer.length * 2))
      buffer.set(chunk, length)
      length = end
    },
    toBuffer: () => buffer.subarray(0, length),
  }
}
