import { createRequire } from 'node:module'
import type * as SharpModule from 'sharp'
import type { Sharp, SharpInput, SharpOptions } from 'sharp'
import { ImgprocError } from './errors.js'

/** The default export of the package. */
type SharpLibrary = typeof SharpModule.default

let library: SharpLibrary | undefined
let isCached = true

/**
 * sharp, loaded when it is first asked for: its native library takes longer to start than Node.js, and a run that
 * finds everything unchanged, a plan, a list or a merge need none of it.
 *
 * @throws ImgprocError INVALID_CONFIG where it isn't installed for this machine.
 */
export function loadSharp(): SharpLibrary {
  if (library !== undefined) return library
  try {
    library = createRequire(import.meta.url)('sharp') as SharpLibrary // a CommonJS module, whose exports are these
  } catch (cause) {
    throw unusable(cause)
  }
  if (!isCached) library.cache(false)
  return library
}

/** sharp says itself what to do. */
function unusable(cause: unknown): ImgprocError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `Images are read and written by sharp, and that doesn't start here. ${reason}`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config', cause })
}

/** Keeps sharp from holding what it has decoded, for a process that reads every input once. */
export function disableCache(): void {
  isCached = false
  library?.cache(false)
}

/** sharp's own function; what else the package exports is on `loadSharp()`. */
export function sharp(options?: SharpOptions): Sharp
export function sharp(input?: SharpInput | SharpInput[], options?: SharpOptions): Sharp
export function sharp(...args: unknown[]): Sharp {
  return Reflect.apply(loadSharp(), undefined, args)
}
