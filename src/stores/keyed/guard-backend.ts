import type { Backend, BackendListOptions, ReadOptions, WriteMeta, Source } from '../types.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import { quote, tooLarge } from '../errors.js'

/** A backend as a store needs it: it can all, or says that it can't, and throws nothing but ImgprocErrors. */
export interface GuardedBackend extends Required<Backend> {
  read(ref: string, options: ReadOptions): Promise<Uint8Array>
}

/** Guards what somebody else wrote. */
export function guard(backend: Backend): GuardedBackend {
  return {
    scheme: backend.scheme,
    list: (prefix, options) => list(backend, prefix, options),
    stat: async (ref) => {
      try {
        return await backend.stat(ref)
      } catch (error) {
        throw explain(error, 'read', ref)
      }
    },
    read: (ref, options) => read(backend, ref, options),
    write: (ref, data, meta) => write(backend, ref, data, meta),
    remove: (ref) => remove(backend, ref),
  }
}

async function* list(backend: Backend, prefix: string, options: BackendListOptions): AsyncGenerator<Source> {
  throwIfAborted(options.signal)
  try {
    for await (const source of backend.list(prefix, options)) {
      throwIfAborted(options.signal)
      // A prefix may have been taken for a folder, or for a case of no weight.
      if (source.ref.startsWith(prefix)) yield source
    }
  } catch (error) {
    throw explain(error, 'read', prefix, options.signal)
  }
  throwIfAborted(options.signal)
}

async function read(backend: Backend, ref: string, options: ReadOptions): Promise<Uint8Array> {
  const { signal, maxBytes = Infinity } = options
  throwIfAborted(signal)
  let data: Uint8Array | undefined
  try {
    data = await backend.read(ref, options)
  } catch (error) {
    throw explain(error, 'read', ref, signal)
  }
  throwIfAborted(signal)
  if (data === undefined) {
    const message = `There is no ${quote(ref)}. Check the key: it is taken letter by letter, with case and spaces.`
    throw new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read', path: ref })
  }
  if (data.length > maxBytes) throw tooLarge(ref, data.length, maxBytes)
  return data
}

async function write(backend: Backend, ref: string, data: Uint8Array, meta: WriteMeta): Promise<Source> {
  if (backend.write === undefined) {
    const message = `${quote(ref)} can't be written: the store of ${backend.scheme}:// only reads. Choose another --out.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'write', path: ref })
  }
  try {
    return await backend.write(ref, data, meta)
  } catch (error) {
    throw explain(error, 'write', ref)
  }
}

async function remove(backend: Backend, ref: string): Promise<void> {
  if (backend.remove === undefined) {
    const message = `${quote(ref)} can't be removed: the store of ${backend.scheme}:// removes nothing. Do it by hand.`
    throw new ImgprocError('INVALID_USAGE', message, { stage: 'write', path: ref })
  }
  try {
    await backend.remove(ref)
  } catch (error) {
    throw explain(error, 'write', ref)
  }
}

/** What went wrong, in the words of the backend, under a code of ours. */
function explain(error: unknown, stage: 'read' | 'write', path: string, signal?: AbortSignal): ImgprocError {
  if (error instanceof ImgprocError) return error
  if (signal?.aborted === true) {
    return new ImgprocError('ABORTED', 'Stopped before it was through.', { stage, path, cause: error })
  }
  const reason = error instanceof Error ? error.message : String(error)
  const [code, verb] =
    stage === 'read' ? (['READ_FAILED', 'read'] as const) : (['WRITE_FAILED', 'written'] as const)
  return new ImgprocError(code, `${quote(path)} can't be ${verb}: ${reason}`, { stage, path, cause: error })
}
