import type { ReadOptions, Store, Source } from './types.js'
import { ImgprocError, throwIfAborted } from '../errors.js'
import { createChunkCollector } from '../utils/collect-stream.js'
import { tooLarge } from './errors.js'

export interface PipeStoreOptions {
  /** Where `-` is read from, such as stdin. */
  readonly input?: AsyncIterable<Uint8Array>
  /** Where the one image is sent that is written below `-/`, such as stdout; settles when it is through. */
  readonly output?: (data: Uint8Array) => Promise<void>
}

/**
 * The store of a pipe: one image in, one image out. What was read is kept, so that `-` may be read again.
 *
 * @example
 * ```ts
 * const store = createPipeStore({ input: process.stdin })
 * const bytes = await store.read('-', { maxBytes: 1e8 })
 * ```
 */
export function createPipeStore({ input, output }: PipeStoreOptions): Store {
  const incoming = input === undefined ? undefined : createIncoming(input)
  let written: Source | undefined
  let begun = false

  const read = async (ref: string, options?: ReadOptions): Promise<Uint8Array> => {
    if (ref !== '-') throw misused(ref, 'read', "What was written to a pipe can't be read again.")
    if (incoming === undefined) throw misused(ref, 'read', 'There is no stdin to read from.')
    return incoming.read(ref, options)
  }

  const write = async (ref: string, data: Uint8Array): Promise<Source> => {
    if (output === undefined) throw misused(ref, 'write', 'There is no stdout to write to.')
    // Also where the first one broke off: half of it may be in the pipe.
    if (begun)
      throw misused(ref, 'write', '-o - takes one image, and this would be the second. Use a folder.')
    begun = true
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
      if (written?.ref === ref) throw misused(ref, 'write', "What was written to a pipe can't be removed.")
    },
  }
}

/** Reads a stream as far as was asked for, and keeps its bytes for the next reader. */
function createIncoming(input: AsyncIterable<Uint8Array>): Pick<Store, 'read'> {
  const kept = createChunkCollector()
  const state = { ended: false }
  let iterator: AsyncIterator<Uint8Array> | undefined
  let next: Promise<void> | undefined

  const readNext = async (): Promise<void> => {
    try {
      iterator ??= input[Symbol.asyncIterator]()
      const { done, value } = await iterator.next()
      if (done === true) state.ended = true
      else kept.add(value)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const message = `stdin can't be read: ${why}. Check the program that writes into the pipe.`
      throw new ImgprocError('READ_FAILED', message, { stage: 'read', path: '-', retryable: false, cause })
    }
    next = undefined
  }

  return {
    async read(ref, { signal, maxBytes = Infinity, range: [from, to] = [0, Infinity] } = {}) {
      throwIfAborted(signal)
      while (!state.ended && kept.length < to) {
        if (kept.length - from > maxBytes) throw tooMuch(ref, maxBytes)
        // Two that read at once wait for the same piece.
        next ??= readNext()
        await unlessAborted(next, signal)
      }
      if (kept.length === 0 && state.ended) throw nothingCame(ref)
      const size = Math.max(0, Math.min(to, kept.length) - from)
      if (size > maxBytes) throw state.ended ? tooLarge(ref, size, maxBytes) : tooMuch(ref, maxBytes)
      return kept.toBuffer().subarray(from, from + size)
    },
  }
}

/** Waits no longer than the signal lets it: a pipe may be silent for ever. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work
  // Whoever has stopped waiting doesn't want to hear of a failure either.
  work.catch(() => {})
  let stop = () => {}
  const aborted = new Promise<void>((resolve) => {
    stop = resolve
    signal.addEventListener('abort', stop, { once: true })
  })
  await Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop))
  throwIfAborted(signal)
}

function nothingCame(ref: string): ImgprocError {
  const message =
    'stdin is empty: nothing came through the pipe. Send an image, as in: imgproc … - < photo.jpg'
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read', path: ref })
}

function tooMuch(ref: string, maxBytes: number): ImgprocError {
  const message =
    `stdin brings more than the limit of ${(maxBytes / 1e6).toFixed(1)} MB. ` +
    'If you trust it, raise limits.bytes (--limit-bytes).'
  return new ImgprocError('INPUT_TOO_LARGE', message, { stage: 'read', path: ref })
}

function misused(ref: string, stage: 'read' | 'write', message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage, path: ref })
}
