import { exportsOf, importModule } from '../../utils/import-module.js'
import { createOwnOperationError, registerOperation } from './own-operations.js'
import type { CustomOperations } from './types.js'

/**
 * Loads the operations of a user, so that lists can name them.
 *
 * Throws INVALID_CONFIG if a module is missing, fails to load or exports no operation, or a name is taken.
 *
 * @example
 * ```ts
 * await loadOperations({ vignette: './operations/vignette.ts' }, '/project')
 * ```
 */
export async function loadOperations(custom: CustomOperations, root: string): Promise<void> {
  await Promise.all(
    Object.entries(custom).map(async ([name, entry]) => {
      if (typeof entry !== 'string') return registerOperation(name, entry, 'given as an object')
      const module = await importModule(entry, root, ({ problem, cause }) =>
        createOwnOperationError(name, problem, cause),
      )
      const found = exportsOf(module, name).find(
        (value) => typeof Object(value).apply === 'function' && 'version' in Object(value),
      )
      return registerOperation(name, found, entry)
    }),
  )
}
