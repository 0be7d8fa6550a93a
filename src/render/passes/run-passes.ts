import type { Sharp } from 'sharp'
import { ImgprocError } from '../../errors.js'
import type { Picture } from '../../picture.js'
import { applyToPicture, nextPass, type PixelOperation, type PlannedPass } from './plan-passes.js'
import { runPass, storePixels } from './run-pass.js'
import type { PixelSource, PassOptions } from './types.js'
import { explainSharpError } from '../../image/explain-sharp-error.js'
import { checkOutput } from '../../image/limits.js'
import type { Limits } from '../../image/types.js'

/** All passes but the output of the last. */
export async function runPasses(
  source: PixelSource,
  operations: readonly PixelOperation[],
  picture: Picture,
  limits: Limits,
  options: PassOptions,
): Promise<{ last: Sharp; pass: PlannedPass }> {
  let carrier = source
  let from = picture
  let rest = operations
  for (;;) {
    const pass = nextPass(rest, from)
    const last = await runPass(carrier, pass, options)
    if (pass.rest.length === 0) return { last, pass }
    const stored = await finishing(storePixels(last, pass), carrier)
    carrier = stored.carrier
    from = { ...pass.to, width: stored.width, height: stored.height, shrinks: false }
    rest = pass.rest
    checkOperations(rest, from, limits)
  }
}

/** Refuses what can't be done to this picture, as far as arithmetic tells, before anything is decoded. */
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

/** What goes wrong while a source is decoded is the source's fault; later it is ours. */
export async function finishing<T>(work: Promise<T>, carrier: PixelSource): Promise<T> {
  return work.catch((error: unknown) => {
    throw explainSharpError(error, carrier.kind === 'source' ? 'decode' : 'render')
  })
}
