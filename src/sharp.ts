import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import type * as SharpModule from 'sharp'
import type { Sharp, SharpInput, SharpOptions } from 'sharp'
import { ImgprocError } from './errors.js'

/** The default export of the package. */
type SharpLibrary = typeof SharpModule.default

/** Versions of sharp and of the libraries in it. */
type SharpVersions = SharpLibrary['versions']

const requireHere = createRequire(import.meta.url)
let library: SharpLibrary | undefined
let versions: SharpVersions | undefined
let isCached = true

/**
 * Returns sharp's module and loads it at the first call. Its native library takes longer to load than Node.js takes to
 * start, and an up-to-date run, a plan, `list` and `merge` do not need it.
 *
 * @throws ImgprocError INVALID_CONFIG if sharp is not installed for this platform.
 */
export function loadSharp(): SharpLibrary {
  if (library !== undefined) return library
  try {
    library = requireHere('sharp') as SharpLibrary // a CommonJS module, whose exports are these
  } catch (cause) {
    throw createLoadError(cause)
  }
  if (!isCached) library.cache(false)
  return library
}

/**
 * Returns the versions of sharp and its libraries. Loads sharp only if no prebuilt packages state them.
 *
 * @throws ImgprocError INVALID_CONFIG if sharp is not installed for this platform.
 */
export function sharpVersions(): SharpVersions {
  return (versions ??= library?.versions ?? readPrebuiltVersions() ?? loadSharp().versions)
}

/**
 * Returns the versions in the packages of a prebuilt sharp, from which sharp takes its own. Returns undefined if sharp was
 * built on this machine, is not installed for it, or has its packages elsewhere.
 */
function readPrebuiltVersions(): SharpVersions | undefined {
  try {
    const folder = findPackage('sharp')
    if (folder === undefined) return undefined
    const { version: sharp } = readJson(join(folder, 'package.json')) as { version: string } // npm's
    if (existsSync(join(folder, 'src/build'))) return undefined
    // Linux has packages for both of its C libraries. Those of one version of sharp hold the same versions.
    const systems = platform() === 'linux' ? ['linux', 'linuxmusl'] : [platform()]
    const packageOf = (name: string) => join(folder, '../@img', name)
    const name = systems
      .map((system) => `${system}-${arch()}`)
      .find((system) => existsSync(packageOf(`sharp-${system}`)))
    if (name === undefined) return undefined
    const { version } = readJson(packageOf(`sharp-${name}/package.json`)) as { version: string } // npm's
    if (version !== sharp) return undefined
    const file = [`sharp-${name}/versions.json`, `sharp-libvips-${name}/versions.json`]
      .map(packageOf)
      .find((path) => existsSync(path))
    return file === undefined ? undefined : { ...(readJson(file) as { vips: string }), sharp } // sharp's own
  } catch {
    // sharp's own error says more.
    return undefined
  }
}

/**
 * Returns the real folder of a package, beside which those of its dependencies may lie. `require.resolve` would load six modules
 * of Node.js for its `exports`.
 */
function findPackage(name: string): string | undefined {
  const folders = requireHere.resolve.paths(name) ?? []
  const found = folders.map((folder) => join(folder, name)).find((folder) => existsSync(folder))
  return found && realpathSync(found)
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** sharp's own message tells how to install it. */
function createLoadError(cause: unknown): ImgprocError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `Can't load sharp, which reads and writes all images. ${reason}`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config', cause })
}

/** Turns off sharp's cache of decoded images, for a process that reads every input once. */
export function disableCache(): void {
  isCached = false
  library?.cache(false)
}

/** True while sharp works in threads, for which the end of the process has to wait. */
export function isSharpBusy(): boolean {
  return library !== undefined && library.counters().process > 0
}

/** Calls sharp. `loadSharp()` returns the package's other exports. */
export function sharp(options?: SharpOptions): Sharp
export function sharp(input?: SharpInput | SharpInput[], options?: SharpOptions): Sharp
export function sharp(...args: unknown[]): Sharp {
  return Reflect.apply(loadSharp(), undefined, args)
}
