import { z } from 'zod'
import { ImgprocError } from '../../errors.js'
import type { Region } from './types.js'

const fraction = z.number().min(0).max(1)
const region = z.object({ left: fraction, top: fraction, width: fraction, height: fraction })
const found = z.object({
  faces: z.array(region).optional(),
  objects: z.array(region).optional(),
  attention: z.object({ left: fraction, top: fraction }).optional(),
})

/**
 * Returns the regions of a finding, the most important first. Without any it is the most salient point, if that is known.
 *
 * @throws ImgprocError INVALID_CONFIG for a finding of another shape, as an analyzer of the user's may return.
 */
export function regionsOf(what: 'faces' | 'objects', finding: unknown): readonly Region[] {
  const { data } = found.safeParse(finding)
  const regions = data?.[what]
  if (data === undefined || regions === undefined) throw createShapeError(what)
  if (regions.length > 0 || data.attention === undefined) return regions
  return [{ ...data.attention, width: 0, height: 0 }]
}

function createShapeError(what: string): ImgprocError {
  const message = `The analyzer "${what}" of the config does not return { ${what}: [{ left, top, width, height }] } in fractions of the picture, as the included one does. Give it another name, or return that.`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}
