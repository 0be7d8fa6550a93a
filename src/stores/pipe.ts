import type { ReadOptions, Store, Source } from './types.js'
import { ImgprocError, throwIfAborted } from '../errors.js'
import { createChunkCollector } from '../utils/collect-stream.js'
import { createOverLimitError, createTooLargeError } from './errors.js'

export interface PipeStoreOptions {
  /** The stream that `-` is read from, such as stdin. */
  readonly input?: AsyncIterable<Uint8Array>
  /** Sends the one image that is written below `-/`, for example to stdout. Settles when all bytes were sent. */
  readonly output?: (data: Uint8Array) => Promise<void>
}

/**
 * Creates the store of a pipe: one image in, one image out. Bytes that were read are kept, so that `-` can be read
 * again.
 *
 * @example
 * ```ts
 * const store = createPipeStore({ input: process.stdin })
 * const bytes = await store.read('-', { maxBytes: 1e8 })
 * ```
 */
export function createPipeStore({ input, output }: PipeStoreOptions): Store {
  const buffered = input === undefined ? undefined : createBufferedInput(input)
  let written: Source | undefined
  let writeStarted = false

  const read = async (ref: string, options?: ReadOptions): Promise<Uint8Array> => {
    if (ref !== '-') throw createUsageError(ref, 'read', "An image written to stdout can't be read again.")
    if (buffered === undefined) throw createUsageError(ref, 'read', 'There is no stdin to read from.')
    return buffered.read(ref, options)
  }

  const write = async (ref: string, data: Uint8Array): Promise<Source> => {
    if (output === undefined) throw createUsageError(ref, 'write', 'There is no stdout to write to.')
    // Also after a failure: a part of the first image may be in the pipe.
    if (writeStarted)
      throw createUsageError(ref, 'write', '-o - takes one image, and this is the second. Use a folder.')
    writeStarted = true
    await output(data).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      const message = `The image could not be written to stdout: ${why}. Check the program that reads it.`
      throw new ImgprocError('WRITE_FAILED', message, { stage: 'write', path: ref, retryable: false, cause })
    })
    written = { ref, size: data.length }
    return written
  }

  return {
    scheme: '-',
    locate: async () => ({ kind: 'file', ref: '-', base: '-' }),
    async *list(_, { signal } = {}) {
      throwIfAborted(signal)
      yield { ref: '-', size: 0 }
    },
    stat: async (ref) => {
      if (ref === '-') return { ref, size: (await read(ref)).length }
      return written?.ref === ref ? written : undefined
    },
    read,
    write,
    remove: async (ref) => {
      if (written?.ref === ref)
        throw createUsageError(ref, 'write', "An image written to stdout can't be removed.")
    },
  }
}

/** Reads a stream only as far as requested, and keeps its bytes for the next read. */
function createBufferedInput(input: AsyncIterable<Uint8Array>): Pick<Store, 'read'> {
  const received = createChunkCollector()
  const state = { ended: false }
  let iterator: AsyncIterator<Uint8Array> | undefined
  let nextChunk: Promise<void> | undefined

  const readChunk = async (): Promise<void> => {
    try {
      iterator ??= input[Symbol.asyncIterator]()
      const { done, value } = await iterator.next()
      if (done === true) state.ended = true
      else received.add(value)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const message = `stdin can't be read: ${why}. Check the program that writes into the pipe.`
      throw new ImgprocError('READ_FAILED', message, { stage: 'read', path: '-', retryable: false, cause })
    }
    nextChunk = undefined
  }

  return {
    async read(ref, { signal, maxBytes = Infinity, range: [from, to] = [0, Infinity] } = {}) {
      throwIfAborted(signal)
      while (!state.ended && received.length < to) {
        if (received.length - from > maxBytes) throw createOverLimitError(ref, maxBytes, 'stdin')
        // Concurrent reads wait for the same chunk.
        nextChunk ??= readChunk()
        await raceWithAbort(nextChunk, signal)
      }
      if (received.length === 0 && state.ended) throw createEmptyInputError(ref)
      const size = Math.max(0, Math.min(to, received.length) - from)
      if (size > maxBytes) {
        throw state.ended
          ? createTooLargeError(ref, size, maxBytes)
          : createOverLimitError(ref, maxBytes, 'stdin')
      }
      return received.toBuffer().subarray(from, from + size)
    },
  }
}

/** Stops waiting on an abort: a pipe may stay silent forever. */
async function raceWithAbort(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work
  // After an abort, a failure of the work must not be an unhandled rejection.
  work.catch(() => {})
  let stop = () => {}
  const aborted = new Promise<void>((resolve) => {
    stop = resolve
    signal.addEventListener('abort', stop, { once: true })
  })
  await Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop))
  throwIfAborted(signal)
}

function createEmptyInputError(ref: string): ImgprocError {
  const message = 'stdin is empty. Send an image through the pipe, as in: imgproc … - < photo.jpg'
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read', path: ref })
}

function createUsageError(ref: string, stage: 'read' | 'write', message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage, path: ref })
}
