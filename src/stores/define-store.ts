import type { Backend } from './types.js'
import { ImgprocError } from '../errors.js'

/** Schemes of built-in stores. */
const RESERVED_SCHEMES = new Set(['az', 'data', 'file', 'gs', 'http', 'https', 'memory', 's3'])

/**
 * Gives a store of your own its types; returns its argument. A module that exports a store by default can be named in
 * the config file. URLs of its scheme can then be inputs and outputs.
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

/** The shape of a store, for messages. */
export const STORE_SHAPE =
  "It must be an object such as { scheme: 'ftp', list, stat, read, write, remove }; see docs/stores.md."

/**
 * Checks that a value, such as the export of a module, is a store.
 *
 * @param name the store in messages: its module, or its name in the config.
 * @throws ImgprocError INVALID_CONFIG
 */
export function checkBackend(value: unknown, name: string): Backend {
  const problem = findProblem(value)
  // A value without a problem has all members of a Backend.
  if (problem === undefined) return value as Backend
  const message = `The store ${name}: ${problem} ${STORE_SHAPE}`
  throw new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}

function findProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is not an object.'
  const field = (name: string): unknown => Reflect.get(value, name)
  const scheme = field('scheme')
  // One letter would be a drive on Windows.
  if (typeof scheme !== 'string' || !/^[a-z][a-z0-9+.-]+$/.test(scheme)) {
    return 'its scheme is not a string of two or more lowercase letters.'
  }
  if (RESERVED_SCHEMES.has(scheme)) return `the scheme ${scheme} is reserved.`
  const missing = ['list', 'stat', 'read'].find((name) => typeof field(name) !== 'function')
  if (missing !== undefined) return `it has no function ${missing}.`
  const wrong = ['write', 'remove', 'listInOrder'].find(
    (name) => !['function', 'undefined'].includes(typeof field(name)),
  )
  return wrong === undefined ? undefined : `its ${wrong} is not a function.`
}
