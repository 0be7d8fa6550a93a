import type { Sharp } from 'sharp'
import { ImgprocError } from '../../errors.js'
import type { Picture } from '../../picture.js'
import { applyToPicture, nextPass, type PixelOperation, type PlannedPass } from './plan-passes.js'
import { editPixels } from './edit-pixels.js'
import { runPass, storePixels } from './run-pass.js'
import type { PixelSource, PassOptions } from './types.js'
import { explainErrors } from './explain-errors.js'
import { checkOutput } from '../../image/limits.js'
import type { Limits } from '../../image/types.js'

/**
 * Runs all passes, but leaves the output of the last to the caller.
 *
 * Throws INVALID_OPERATION or TOO_MANY_PIXELS if an operation cannot be applied, and the explained errors of sharp.
 *
 * @returns `last`, a pipeline without its encoder, and the pass that it runs.
 */
export async function runPasses(
  source: PixelSource,
  operations: readonly PixelOperation[],
  picture: Picture,
  limits: Limits,
  options: PassOptions,
): Promise<{ last: Sharp; pass: PlannedPass }> {
  let input = source
  let from = picture
  let rest = operations
  for (;;) {
    const pass = nextPass(rest, from)
    const last = await editPixels(await runPass(input, pass, options), pass, input, options)
    if (pass.rest.length === 0) return { last, pass }
    const stored = await explainErrors(storePixels(last, pass), input, options.timeout)
    input = stored.source
    from = { ...pass.to, width: stored.width, height: stored.height, shrinks: false }
    rest = pass.rest
    checkOperations(rest, from, limits)
  }
}

/**
 * Checks operations before anything is decoded, up to the first whose size depends on the pixels. Throws
 * INVALID_OPERATION, or TOO_MANY_PIXELS.
 */
export function checkOperations(operations: readonly PixelOperation[], from: Picture, limits: Limits): void {
  let picture = from
  for (const operation of operations) {
    const { op, params, name } = operation
    const reason = op.check?.(params, picture)
    if (reason !== undefined) throw new ImgprocError('INVALID_OPERATION', `${name}: ${reason}.`)
    if (op.size(params, picture) === undefined) return
    picture = applyToPicture(operation, picture)
    checkOutput(name, picture, limits)
  }
}

/** Refuses to read a file that an operation names. Throws ACCESS_DENIED. */
export async function refuseToRead(ref: string): Promise<never> {
  const message = `${ref} was not read: operations on this image have no access to files.`
  throw new ImgprocError('ACCESS_DENIED', message, { stage: 'read', path: ref })
}
