import type { Backend } from './types.js'
import { ImgprocError } from '../errors.js'

/** Schemes with a store of ours, or with a meaning that everybody knows. */
const TAKEN = new Set(['data', 'file', 'http', 'https', 'memory', 's3'])

/**
 * Gives a store of your own its types; returns what it is given. A module that exports one by default can be named
 * in the config file; its URLs then are inputs and outputs like others.
 *
 * @example
 * ```ts
 * // stores/ftp.ts
 * import { defineStore } from 'imgproc'
 * export default defineStore({
 *   scheme: 'ftp',
 *   async *list(prefix) {
 *     for (const { path, size } of await walk(prefix)) yield { ref: `ftp://${path}`, size }
 *   },
 *   stat: async (ref) => (await exists(ref)) ? { ref, size: await sizeOf(ref) } : undefined,
 *   read: async (ref, { range }) => download(ref, range),
 *   write: async (ref, data) => {
 *     await upload(ref, data)
 *     return { ref, size: data.length }
 *   },
 * })
 * ```
 */
export function defineStore(backend: Backend): Backend {
  return backend
}

/**
 * Sees to it that what a module exports is a store.
 *
 * @param where what it is called in a message: the module, or its name in the config.
 * @throws ImgprocError INVALID_CONFIG
 */
export function checkBackend(value: unknown, where: string): Backend {
  const problem = findProblem(value)
  // What has no problem has all that a backend must have.
  if (problem === undefined) return value as Backend
  const example = "{ scheme: 'ftp', list, stat, read, write, remove }"
  const message = `The store ${where}: ${problem} It has to be an object such as ${example}; see defineStore.`
  throw new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}

function findProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is no object.'
  const field = (name: string): unknown => Reflect.get(value, name)
  const scheme = field('scheme')
  // One letter would be a drive of Windows.
  if (typeof scheme !== 'string' || !/^[a-z][a-z0-9+.-]+$/.test(scheme)) {
    return 'its scheme is no text of two or more small letters.'
  }
  if (TAKEN.has(scheme)) return `the scheme ${scheme} is taken.`
  const missing = ['list', 'stat', 'read'].find((name) => typeof field(name) !== 'function')
  if (missing !== undefined) return `it has no function ${missing}.`
  const wrong = ['write', 'remove'].find((name) => !['function', 'undefined'].includes(typeof field(name)))
  return wrong === undefined ? undefined : `its ${wrong} is no function.`
}
