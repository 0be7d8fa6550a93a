import { stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'

/** Why a module could not be had, in a sentence's end. */
export interface ImportProblem {
  readonly problem: string
  readonly cause?: unknown
}

/**
 * Loads a user's module, in JavaScript or TypeScript: a path relative to the root, or a package installed there.
 * What goes wrong is for the caller to tell, who knows what the module was for.
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
  // Nothing is written beside the user's files; JavaScript is Node's own business.
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

/** The exports that a module may mean: the default, also of CommonJS and of what a compiler made of ESM, or a name. */
export function exportsOf(module: unknown, name: string): unknown[] {
  const main = fieldOf(module, 'default')
  return [main, fieldOf(main, 'default'), fieldOf(module, name), fieldOf(main, name), module]
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined
}
