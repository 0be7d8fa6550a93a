import { createRequire } from 'node:module'
import type * as SharpModule from 'sharp'
import type { Sharp, SharpInput, SharpOptions } from 'sharp'
import { ImgprocError } from './errors.js'

/** The default export of the package. */
type SharpLibrary = typeof SharpModule.default

let library: SharpLibrary | undefined
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
    library = createRequire(import.meta.url)('sharp') as SharpLibrary // a CommonJS module, whose exports are these
  } catch (cause) {
    throw createLoadError(cause)
  }
  if (!isCached) library.cache(false)
  return library
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
