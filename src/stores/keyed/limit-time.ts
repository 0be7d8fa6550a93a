import { ImgprocError } from '../../errors.js'
import { createTimer } from '../../utils/time-limit.js'
import { quote } from '../errors.js'
import type { Backend, OrderedListOptions, ReadOptions, Source, WriteMeta } from '../types.js'

/** Bytes a second that the slowest network takes. Large outputs get more time by it. */
const SLOWEST_WRITE = 1e6

/**
 * Limits the time of each call of a backend: then it rejects with TIMED_OUT, and the signal of a read is aborted. A read
 * gets more time whenever it calls `onProgress`. Listing is not limited, since a long one may be slow to begin.
 */
export function limitTime(backend: Backend, seconds: number): Backend {
  const limit = async <T>(work: Promise<T>, stage: 'read' | 'write', ref: string, bytes = 0): Promise<T> => {
    const timer = createTimer(seconds + bytes / SLOWEST_WRITE, () => createTimeoutError(ref, stage, seconds))
    return Promise.race([work, timer.late]).finally(timer.stop)
  }
  const read = async (ref: string, options: ReadOptions) => {
    const abort = new AbortController()
    const timer = createTimer(seconds, () => createTimeoutError(ref, 'read', seconds))
    const signal =
      options.signal === undefined ? abort.signal : AbortSignal.any([options.signal, abort.signal])
    const onProgress = () => {
      timer.restart()
      options.onProgress?.()
    }
    timer.late.catch((error: unknown) => abort.abort(error))
    const work = backend.read(ref, { ...options, signal, onProgress })
    return Promise.race([work, timer.late]).finally(timer.stop)
  }
  return {
    scheme: backend.scheme,
    list: (prefix, options) => backend.list(prefix, options),
    ...(backend.listInOrder !== undefined && {
      listInOrder: (prefix: string, options: OrderedListOptions) => backend.listInOrder!(prefix, options),
    }),
    stat: (ref) => limit<Source | undefined>(backend.stat(ref), 'read', ref),
    read,
    ...(backend.write !== undefined && {
      write: (ref: string, data: Uint8Array, meta: WriteMeta) =>
        limit(backend.write!(ref, data, meta), 'write', ref, data.length),
    }),
    ...(backend.remove !== undefined && {
      remove: (ref: string) => limit(backend.remove!(ref), 'write', ref),
    }),
  }
}

function createTimeoutError(ref: string, stage: 'read' | 'write', seconds: number): ImgprocError {
  const verb = stage === 'read' ? 'read' : 'written'
  const message = `${quote(ref)} can't be ${verb}: its store did nothing for ${seconds} seconds (limits.seconds, --timeout). Try again later.`
  return new ImgprocError('TIMED_OUT', message, { stage, path: ref })
}
