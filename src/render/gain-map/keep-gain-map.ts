import type { Picture } from '../../picture.js'
import { insertSegments } from '../../metadata/containers/jpeg.js'
import { neutralOf, readGainRange } from '../../metadata/gain-map/gain-range.js'
import { readGainSegments, readIsoSegment } from '../../metadata/gain-map/gain-segments.js'
import { appendGainMap } from '../../metadata/gain-map/ultra-hdr.js'
import { readMainXmp } from '../../metadata/xmp/jpeg-xmp.js'
import type { Encoding, Format } from '../../operations/settings/format.js'
import { maxBytesOf } from '../encode/max-bytes.js'
import type { EncodedPixels } from '../encode/types.js'
import type { OutputMetadata } from '../output-metadata.js'
import { applyToPicture, type PixelOperation } from '../passes/plan-passes.js'
import type { PassOptions } from '../passes/types.js'
import { moveGainMap, type MovedPicture } from './move-gain-map.js'
import { isOverlay } from './neutral-overlay.js'

/*
 * An Ultra HDR photo is a JPEG with a second image appended, the gain map: it says how much brighter each place is on
 * an HDR screen. It stays right if all its pixels move with those of the picture, so the same operations run on it. An overlay
 * becomes neutral there, so that it is as bright as on any screen. Other operations that change colours, or add pixels, would make
 * the map wrong: then it is left out.
 *
 * sharp's `keepGainMap` is not used. It fails for a picture that is turned if sharp's cache is off or full
 * (findings/sharp-keep-gain-map.sh).
 */

/** A rendition whose picture may have a gain map. */
interface GainMapRequest extends MovedPicture {
  readonly format: Format
  /** True if the recipe says which metadata is kept. */
  readonly choosesMetadata: boolean
}

/**
 * Returns the bytes of a finished file with the gain map of its source, if that is asked for. Tells in the warnings why the map
 * was left out. Throws TIMED_OUT.
 */
export async function keepGainMap(
  { format, choosesMetadata, ...moved }: GainMapRequest,
  { data, type, quality }: Pick<EncodedPixels, 'data' | 'type' | 'quality'>,
  options: PassOptions,
  warnings: OutputMetadata['warnings'],
): Promise<Buffer<ArrayBuffer>> {
  const { image, operations, picture } = moved
  const { gainMap } = image.metadata
  // A recipe that names other metadata has left it out knowingly.
  if (gainMap === undefined || (!options.keep.gainmap && choosesMetadata)) return data
  const leaveOut = (reason: string) => {
    warnings.add(`The HDR gain map was left out, since ${reason}.`)
    return data
  }
  if (!options.keep.gainmap) return leaveOut('only `metadata: gainmap` keeps it')
  if (type !== 'jpeg') return leaveOut('only a JPEG has a place for it')
  const obstacle = findObstacle(operations, picture) ?? findOverlayObstacle(operations, gainMap.image)
  if (obstacle !== undefined) return leaveOut(obstacle)
  const parameters = readGainSegments(gainMap.image)
  const pixels =
    parameters.length === 0
      ? undefined
      : await moveGainMap(gainMap.image, moved, toJpeg(format, quality), options)
  if (pixels === undefined) return leaveOut('it is damaged')
  const xmp = readMainXmp(data) && options.xmp
  const { file, keepsXmp } = appendGainMap(data, insertSegments(pixels, parameters), {
    xmp,
    iso: readIsoSegment(image.bytes),
  })
  if (file.length > (maxBytesOf(format) ?? Infinity)) return leaveOut('the file would exceed maxBytes')
  if (!keepsXmp) warnings.add('The XMP does not fit into a JPEG with a gain map and was left out.')
  return file
}

/** Returns why a gain map can't follow the operations; undefined if it can. */
export function findObstacle(operations: readonly PixelOperation[], from: Picture): string | undefined {
  let picture = from
  for (const operation of operations) {
    const { op, params, name } = operation
    const isNoop = op.isNoop?.(params, picture) === true
    // In the map the search would find another place.
    if (!isNoop && op.freezeForAnimation?.(params) !== undefined) return `${name} searches the pixels`
    if (!isNoop && !onlyMoves(operation) && !isOverlay(operation)) return `${name} does more than move pixels`
    picture = applyToPicture(operation, picture)
  }
  return undefined
}

function findOverlayObstacle(operations: readonly PixelOperation[], map: Uint8Array): string | undefined {
  if (!operations.some(isOverlay)) return undefined
  const range = readGainRange(map)
  const hasNeutral = range !== undefined && neutralOf(range) !== undefined
  return hasNeutral ? undefined : 'it brightens or darkens every place, and would change the watermark'
}

function onlyMoves({ op, params, name }: PixelOperation): boolean {
  if (op.turns?.(params) !== undefined) return true
  return (
    (name === 'thumbnail' || name === 'resize' || name === 'crop') && op.addsColor?.(params) === undefined
  )
}

/** Returns the encoding of the map: that of the picture, with the quality that was found for it. */
function toJpeg(format: Format, quality: number | undefined): Encoding {
  if (format.type !== 'jpeg') return { type: 'jpeg', quality }
  const asked = format.quality === 'auto' ? undefined : format.quality
  return { ...format, quality: quality ?? asked }
}
