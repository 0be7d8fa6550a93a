import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
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
 * built on this machine, or is not installed for it.
 */
function readPrebuiltVersions(): SharpVersions | undefined {
  try {
    const main = requireHere.resolve('sharp')
    if (existsSync(join(dirname(main), '../src/build'))) return undefined
    const requireThere = createRequire(main)
    const { version } = requireThere('../package.json') as { version: string } // npm's
    // Linux has packages for both of its C libraries. Those of one version of sharp hold the same versions.
    for (const system of platform() === 'linux' ? ['linux', 'linuxmusl'] : [platform()]) {
      const found = readVersionsOf(requireThere, `${system}-${arch()}`, version)
      if (found !== undefined) return { ...found, sharp: version }
    }
  } catch {
    // sharp's own error says more.
  }
  return undefined
}

/** Returns the versions of the libraries in a binary package; undefined if it is not installed with sharp's version. */
function readVersionsOf(
  require: NodeJS.Require,
  system: string,
  version: string,
): { vips: string } | undefined {
  const binary = read(require, `@img/sharp-${system}/package`) as { version: string } | undefined // npm's
  if (binary?.version !== version) return undefined
  const found =
    read(require, `@img/sharp-${system}/versions`) ?? read(require, `@img/sharp-libvips-${system}/versions`)
  return found as { vips: string } | undefined // what sharp exports
}

function read(require: NodeJS.Require, file: string): unknown {
  try {
    return require(file)
  } catch {
    return undefined
  }
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
