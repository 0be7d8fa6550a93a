import { stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'

/** Reason why a module could not be imported. */
export interface ImportProblem {
  /** End of a sentence, with a full stop. */
  readonly problem: string
  readonly cause?: unknown
}

/**
 * Imports a user's module in JavaScript or TypeScript.
 *
 * @param specifier path relative to `root`, or package installed there.
 * @param fail creates the error to throw: the caller knows the purpose of the module.
 */
export async function importModule(
  specifier: string,
  root: string,
  fail: (problem: ImportProblem) => Error,
): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const file = resolve(root, specifier)
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  )
  // No cache next to the user's files. Node.js imports JavaScript itself.
  const options = {
    fsCache: false,
    interopDefault: false,
    tryNative: !/^\.[cm]?ts$/.test(extname(specifier)),
  }
  const jiti = createJiti(join(root, 'imgproc.config.js'), options)
  const module = isFile ? file : jiti.esmResolve(specifier, { try: true })
  if (module === undefined) {
    throw fail({
      problem: `there is no ${specifier}, neither as a file in ${root} nor as an installed package.`,
    })
  }
  try {
    return await jiti.import(module)
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)
    throw fail({ problem: `${specifier} failed when it was loaded: ${reason}`, cause })
  }
}

/**
 * Returns the candidates for a module's export: the default export (also of CommonJS, and of ESM compiled to it), the export
 * with the name, and the module itself. Some may be undefined.
 */
export function exportsOf(module: unknown, name: string): unknown[] {
  const main = fieldOf(module, 'default')
  return [main, fieldOf(main, 'default'), fieldOf(module, name), fieldOf(main, name), module]
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined
}
