import type { Pass } from '../../src/operations/define-operation.js'
import { readOps } from '../../src/operations/parse-operations.js'
import type { Picture } from '../../src/picture.js'
import type { PixelOperation } from '../../src/render/passes/plan-passes.js'
import type { PassOptions } from '../../src/render/passes/types.js'
import { NOTHING } from '../../src/metadata/keep.js'
import { opOf } from './inputs.js'

/** Options of a pass that keeps no metadata and reads no files. */
export const passOptions: PassOptions = {
  keep: NOTHING,
  autoOrient: true,
  orientation: undefined,
  attach: (data) => Promise.resolve(data),
  xmp: undefined,
  tellsDensity: false,
  timeout: 60,
  read: () => Promise.reject(new Error('no files')),
}

/** Returns an opaque 8-bit RGB picture of 400x300 from a JPEG, with some properties changed. */
export function pictureOf(change: Partial<Picture> = {}): Picture {
  return {
    width: 400,
    height: 300,
    pages: 1,
    alpha: false,
    depth: 8,
    space: 'rgb',
    vector: false,
    shrinks: true,
    ...change,
  }
}

/** Returns a pass of a picture that has taken its slots up to `last` with the named operations. */
export function passOf(last = 0, names: readonly string[] = [], change: Partial<Picture> = {}): Pass {
  const picture = pictureOf(change)
  return {
    from: picture,
    to: picture,
    last,
    has: (...wanted) => names.some((name) => wanted.includes(name)),
  }
}

/** Returns a validated operation on pixels. */
export function planned(name: string, input: unknown = true): PixelOperation {
  const [operation] = readOps([opOf(name, input)])
  if (operation?.kind !== 'pixels') throw new Error(`${name} is no operation on pixels`)
  return operation
}
