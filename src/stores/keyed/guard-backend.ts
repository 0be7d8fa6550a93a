import type { Backend, OrderedListOptions, ReadOptions, WriteMeta, Source } from '../types.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { compareRefs } from '../compare-refs.js'
import { createTooLargeError, quote } from '../errors.js'

/**
 * A backend with all methods that only throws ImgprocErrors. A method that the user's backend lacks throws
 * INVALID_USAGE; reading a missing ref throws INPUT_NOT_FOUND.
 */
export interface GuardedBackend extends Required<Backend> {
  read(ref: string, options: ReadOptions): Promise<Uint8Array>
}

/** Wraps a backend, which may be written by a user, and checks its results. */
export function createGuardedBackend(backend: Backend): GuardedBackend {
  return {
    scheme: backend.scheme,
    list: (prefix, options) => list(prefix, options.signal, () => backend.list(prefix, options)),
    listInOrder: (prefix, options) => listInOrder(backend, prefix, options),
    stat: async (ref) => {
      try {
        return await backend.stat(ref)
      } catch (error) {
        throw toStoreError(error, 'read', ref)
      }
    },
    read: (ref, options) => read(backend, ref, options),
    write: (ref, data, meta) => write(backend, ref, data, meta),
    remove: (ref) => remove(backend, ref),
  }
}

async function* list(
  prefix: string,
  signal: AbortSignal | undefined,
  open: () => AsyncIterable<Source>,
): AsyncGenerator<Source> {
  throwIfAborted(signal)
  try {
    for await (const source of open()) {
      throwIfAborted(signal)
      // The backend may have treated the prefix as a folder, or ignored its case.
      if (source.ref.startsWith(prefix)) yield source
    }
  } catch (error) {
    throw toStoreError(error, 'read', prefix, signal)
  }
  throwIfAborted(signal)
}

async function* listInOrder(
  backend: Backend,
  prefix: string,
  options: OrderedListOptions,
): AsyncGenerator<Source> {
  const { signal } = options
  if (backend.listInOrder !== undefined) {
    yield* list(prefix, signal, () => backend.listInOrder!(prefix, options))
    return
  }
  const all: Source[] = []
  for await (const source of list(prefix, signal, () => backend.list(prefix, { signal }))) all.push(source)
  yield* all.toSorted((a, b) => compareRefs(a.ref, b.ref))
}

async function read(backend: Backend, ref: string, options: ReadOptions): Promise<Uint8Array> {
  const { signal, maxBytes = Infinity } = options
  throwIfAborted(signal)
  let data: Uint8Array | undefined
  try {
    data = await backend.read(ref, options)
  } catch (error) {
    throw toStoreError(error, 'read', ref, signal)
  }
  throwIfAborted(signal)
  if (data === undefined) {
    const message = `There is no ${quote(ref)}. Check the key: it must match exactly, including case and spaces.`
    throw new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read', path: ref })
  }
  if (data.length > maxBytes) throw createTooLargeError(ref, data.length, maxBytes)
  return data
}

async function write(backend: Backend, ref: string, data: Uint8Array, meta: WriteMeta): Promise<Source> {
  if (backend.write === undefined) {
    const message = `${quote(ref)} can't be written: the store of ${backend.scheme}:// is read-only. Choose another out (--out).`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'write', path: ref })
  }
  try {
    return await backend.write(ref, data, meta)
  } catch (error) {
    throw toStoreError(error, 'write', ref)
  }
}

async function remove(backend: Backend, ref: string): Promise<void> {
  if (backend.remove === undefined) {
    const message = `${quote(ref)} can't be removed: the store of ${backend.scheme}:// has no function remove. Remove it by other means.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'write', path: ref })
  }
  try {
    await backend.remove(ref)
  } catch (error) {
    throw toStoreError(error, 'write', ref)
  }
}

/** Converts an error of the backend, and keeps its message. */
function toStoreError(
  error: unknown,
  stage: 'read' | 'write',
  path: string,
  signal?: AbortSignal,
): ImgprocError {
  if (error instanceof ImgprocError) return error
  if (signal?.aborted === true) {
    return new ImgprocError('ABORTED', 'Cancelled.', { stage, path, cause: error })
  }
  const reason = error instanceof Error ? error.message : String(error)
  const [code, verb] =
    stage === 'read' ? (['READ_FAILED', 'read'] as const) : (['WRITE_FAILED', 'written'] as const)
  return new ImgprocError(code, `${quote(path)} can't be ${verb}: ${reason}`, { stage, path, cause: error })
}
