import type { OutputInfo, Sharp } from 'sharp'
import { sharp } from '../sharp.js'
import type { Encoding } from '../operations/settings/format.js'
import type { Keep } from '../metadata/keep.js'
import type { PlannedPass, Step } from './passes/plan-passes.js'
import type { OpenImage } from '../image/open-image.js'

/*
 * An Ultra HDR photo is a JPEG with a second picture behind it, which tells how much brighter each place is on a
 * screen that can. sharp takes that picture along where it is only moved and scaled, in one go from JPEG to JPEG;
 * what changes colours would leave it wrong, so that it is dropped there.
 */

/** Whether a rendition can have the source's gain map, made in one pass from the source. */
export async function carriesGainMap(
  { metadata }: OpenImage,
  { steps, rest }: PlannedPass,
  { type }: Encoding,
  keep: Keep,
): Promise<boolean> {
  const { gainMap, orientation = 1, width } = metadata
  if (!keep.gainmap || gainMap === undefined || type !== 'jpeg') return false
  if (rest.length > 0 || !steps.every(onlyMoves)) return false
  const crops = steps.filter(({ operation }) => operation.name === 'crop')
  if (crops.length === 0) return true
  // Ahead of a crop sharp turns and mirrors the map in the wrong order, which shows in these two.
  if (orientation === 5 || orientation === 7) return false
  // A crop that is smaller than a pixel of the map has none.
  const factor = Math.ceil(width / (await sharp(gainMap.image).metadata()).width)
  return crops.every(({ to }) => Math.min(to.width, to.height) >= factor)
}

function onlyMoves({ operation: { op, params, name } }: Step): boolean {
  if (op.turns?.(params) !== undefined) return true
  if (name !== 'thumbnail' && name !== 'resize' && name !== 'crop') return false
  const { fit, position } = params as { fit?: string; position?: string } // what the three have of them
  return fit !== 'contain' && position !== 'attention' && position !== 'entropy'
}

/** The JPEG with its gain map; undefined where sharp can't. */
export async function writeWithGainMap(jpeg: Sharp): Promise<{ data: Buffer; info: OutputInfo } | undefined> {
  const image = jpeg.clone() as Sharp & { keepGainMap(): Sharp } // sharp 0.35 has it, its types don't
  return image
    .keepGainMap()
    .toBuffer({ resolveWithObject: true })
    .catch(() => undefined)
}
