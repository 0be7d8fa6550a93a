import { exportsOf, importModule } from '../utils/import-module.js'
import type { Backend } from './types.js'
import { ImgprocError } from '../errors.js'
import { checkBackend, STORE_SHAPE } from './define-store.js'

/**
 * Stores of the user, by scheme: each the module that exports it (a path relative to the root, or a package), or the
 * store itself.
 */
export type CustomStores = Readonly<Record<string, string | Backend>>

/**
 * Loads the stores of the user. Throws INVALID_CONFIG if a module does not exist, fails to load, or exports no store of
 * the scheme under which it is registered.
 *
 * @example
 * ```ts
 * const stores = await loadStores({ ftp: './stores/ftp.ts' }, '/project')
 * ```
 */
export async function loadStores(custom: CustomStores, root: string): Promise<Backend[]> {
  return Promise.all(
    Object.entries(custom).map(async ([scheme, entry]) => {
      const backend =
        typeof entry === 'string' ? await loadStore(scheme, entry, root) : checkBackend(entry, scheme)
      if (backend.scheme === scheme) return backend
      throw createStoreError(scheme, `its scheme is "${backend.scheme}". Register it under that name.`)
    }),
  )
}

async function loadStore(scheme: string, specifier: string, root: string): Promise<Backend> {
  const module = await importModule(specifier, root, ({ problem, cause }) =>
    createStoreError(scheme, problem, cause),
  )
  const candidates = exportsOf(module, scheme)
  const found = candidates.find((value) => typeof value === 'object' && value !== null && 'scheme' in value)
  if (found === undefined) throw createStoreError(scheme, `${specifier} exports no store. ${STORE_SHAPE}`)
  return checkBackend(found, specifier)
}

function createStoreError(scheme: string, problem: string, cause?: unknown): ImgprocError {
  return new ImgprocError('INVALID_CONFIG', `The store "${scheme}": ${problem}`, { stage: 'config', cause })
}
