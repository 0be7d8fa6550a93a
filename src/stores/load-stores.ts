import { exportsOf, importModule } from '../utils/import-module.js'
import type { Backend } from './types.js'
import { ImgprocError } from '../errors.js'
import { checkBackend } from './define-store.js'

/** A user's own by scheme: the module that exports it (a path relative to the root, or a package), or the store. */
export type CustomStores = Readonly<Record<string, string | Backend>>

/**
 * The stores of a user's own. Throws INVALID_CONFIG where a module isn't there, fails to load, or exports no store of
 * the scheme that it is registered by.
 *
 * @example
 * ```ts
 * const stores = await loadStores({ ftp: './stores/ftp.ts' }, '/project')
 * ```
 */
export async function loadStores(custom: CustomStores, root: string): Promise<Backend[]> {
  return Promise.all(
    Object.entries(custom).map(async ([scheme, own]) => {
      const backend = typeof own === 'string' ? await loadStore(scheme, own, root) : checkBackend(own, scheme)
      if (backend.scheme === scheme) return backend
      throw invalid(scheme, `it is of the scheme "${backend.scheme}"; register it by that name.`)
    }),
  )
}

async function loadStore(scheme: string, specifier: string, root: string): Promise<Backend> {
  const module = await importModule(specifier, root, ({ problem, cause }) => invalid(scheme, problem, cause))
  const candidates = exportsOf(module, scheme)
  const found = candidates.find((value) => typeof value === 'object' && value !== null && 'scheme' in value)
  return checkBackend(found, specifier)
}

function invalid(scheme: string, problem: string, cause?: unknown): ImgprocError {
  return new ImgprocError('INVALID_CONFIG', `The store "${scheme}": ${problem}`, { stage: 'config', cause })
}
