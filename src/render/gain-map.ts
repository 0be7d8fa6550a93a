import type { OutputInfo, Sharp } from 'sharp'
import { sharp } from '../sharp.js'
import type { Encoding } from '../operations/settings/format.js'
import type { Keep } from '../metadata/keep.js'
import type { PlannedPass, Step } from './passes/plan-passes.js'
import type { OpenImage } from '../image/open-image.js'

/*
 * An Ultra HDR photo is a JPEG with a second image appended, the gain map: it says how much brighter each place is on
 * an HDR screen. sharp keeps the gain map if pixels are only moved and scaled, in one pass from JPEG to JPEG.
 * Operations that change colours would make the map wrong, so it is dropped.
 */

/** Returns true if a rendition made in one pass can keep the source's gain map, and is asked to. */
export async function canKeepGainMap(
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
  // Before a crop, sharp rotates and mirrors the map in the wrong order, which matters for these two orientations.
  if (orientation === 5 || orientation === 7) return false
  // A crop smaller than one pixel of the map would have no map.
  const map = await sharp(gainMap.image)
    .metadata()
    .catch(() => undefined)
  if (map === undefined) return false
  const factor = Math.ceil(width / map.width)
  return crops.every(({ to }) => Math.min(to.width, to.height) >= factor)
}

function onlyMoves({ operation: { op, params, name } }: Step): boolean {
  if (op.turns?.(params) !== undefined) return true
  if (name !== 'thumbnail' && name !== 'resize' && name !== 'crop') return false
  const { fit, position } = params as { fit?: string; position?: string } // of thumbnail, resize and crop
  return fit !== 'contain' && position !== 'attention' && position !== 'entropy'
}

/** Encodes a JPEG with its gain map. Returns undefined if sharp fails to. */
export async function writeWithGainMap(
  jpeg: Sharp,
): Promise<{ data: Buffer<ArrayBuffer>; info: OutputInfo } | undefined> {
  const image = jpeg.clone() as Sharp & { keepGainMap(): Sharp } // sharp 0.35 has it, its types don't
  return image
    .keepGainMap()
    .toBuffer({ resolveWithObject: true })
    .catch(() => undefined)
}
