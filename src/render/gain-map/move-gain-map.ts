import { ImgprocError } from '../../errors.js'
import type { Picture, Size } from '../../picture.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import type { Encoding } from '../../operations/settings/format.js'
import { scaleSize } from '../../operations/geometry.js'
import { hideJpegProfile } from '../../metadata/containers/jpeg.js'
import { neutralOf, readGainRange } from '../../metadata/gain-map/gain-range.js'
import { NOTHING } from '../../metadata/keep.js'
import { openImage, pictureOf, type OpenImage } from '../../image/open-image.js'
import { encode } from '../encode/encoder.js'
import { applyToPicture, type PixelOperation } from '../passes/plan-passes.js'
import { explainErrors } from '../passes/explain-errors.js'
import { runPasses } from '../passes/run-passes.js'
import type { PassOptions } from '../passes/types.js'
import { recipeOf } from '../recipe.js'
import { inNeutralColour, isOverlay, readNeutral } from './neutral-overlay.js'

/** A picture with a gain map, and operations that only move pixels or lay something over them. */
export interface MovedPicture {
  readonly image: OpenImage
  readonly operations: readonly PixelOperation[]
  /** The picture before the operations. */
  readonly picture: Picture
}

/** Values are no colours, and have no metadata of their own. */
const PLAIN = { keep: NOTHING, autoOrient: false, icc: undefined, xmp: undefined, fromSrgb: undefined }

/** Runs the operations of a picture on its gain map. Returns undefined if it can't be decoded. Throws TIMED_OUT. */
export async function moveGainMap(
  map: Uint8Array,
  moved: MovedPicture,
  encoding: Encoding,
  options: PassOptions,
): Promise<Buffer | undefined> {
  const { options: imageOptions } = moved.image
  const range = readGainRange(map)
  const neutral = (range && neutralOf(range)) ?? []
  const mapOptions = { ...options, ...readNeutral(options, neutral), ...PLAIN }
  try {
    // Values are no colours, so a profile does not apply to them.
    const bytes = Buffer.from(map)
    hideJpegProfile(bytes)
    const opened = await openImage(bytes, { ...imageOptions, decoders: [] })
    const operations = moved.operations.map((each) =>
      isOverlay(each) ? inNeutralColour(each, neutral) : each,
    )
    const moves = planMoves(opened.metadata, { ...moved, operations }, options.autoOrient)
    const source = { kind: 'source', image: opened, bytes: opened.bytes } as const
    const from = pictureOf(opened, false, false)
    const { last, pass } = await runPasses(source, moves, from, imageOptions.limits, mapOptions)
    const encoded = encode(last, encoding, pass.to, mapOptions)
    return (await explainErrors(encoded, source, options.timeout)).data
  } catch (error) {
    if (error instanceof ImgprocError && error.code !== 'TIMED_OUT') return undefined
    throw error
  }
}

/** Turns by EXIF orientation, from 2 on. */
const TURNS: readonly (readonly ImageOp[])[] = [
  [{ flop: true }],
  [{ rotate: 180 }],
  [{ flip: true }],
  [{ rotate: 90 }, { flop: true }],
  [{ rotate: 90 }],
  [{ rotate: 90 }, { flip: true }],
  [{ rotate: 270 }],
]

/**
 * Returns the operations on a map. Lengths are in pixels of the picture, so the map gets its size; but turns and scalings may
 * change their order, so as many of these as possible are done first on the small map.
 */
function planMoves(
  map: Size,
  { image, operations, picture }: MovedPicture,
  autoOrient: boolean,
): readonly PixelOperation[] {
  const { width, height, orientation = 1 } = image.metadata
  const turns = autoOrient ? [...recipeOf(TURNS[orientation - 2] ?? []).pixels] : []
  let size = picture
  let taken = 0
  let isScaled = false
  for (const operation of operations) {
    const { op, params } = operation
    const isTurn = op.turns?.(params) !== undefined
    if (isTurn) turns.push(operation)
    else if (op.scales?.(params) === undefined) break
    isScaled ||= !isTurn && op.isNoop?.(params, size) !== true
    size = applyToPicture(operation, size)
    taken++
  }
  const rest = operations.slice(taken)
  if (rest.length === 0 && !isScaled) return turns
  const to = rest.reduce((from, operation) => applyToPicture(operation, from), size)
  const target = fitMap(to, Math.max(map.width / width, map.height / height))
  return [...turns, ...onPicture(rest, size), ...scaleTo(target)]
}

/** Returns operations before which a map gets the size of the picture. A cover only needs one that it can crop. */
function onPicture([first, ...rest]: readonly PixelOperation[], picture: Picture): readonly PixelOperation[] {
  if (first === undefined) return []
  const position = first.op.covers?.(first.params)
  if (position === undefined) return [...scaleTo(picture), first, ...rest]
  const { width, height } = applyToPicture(first, picture)
  const covering = scaleSize(picture, Math.max(width / picture.width, height / picture.height))
  const cover = recipeOf([{ resize: { width, height, fit: 'cover', position } }]).pixels
  return [...scaleTo(covering), ...cover, ...rest]
}

/** Interpolates as viewers do, without ringing. */
function scaleTo({ width, height }: Size): readonly PixelOperation[] {
  return recipeOf([{ resize: { width, height, fit: 'fill', kernel: 'linear', enlarge: true } }]).pixels
}

/** Relative difference of aspect ratios from which libultrahdr ignores the map. */
const ASPECT_TOLERANCE = 0.01

/** Returns the size of a map: that part of the picture's, or more if rounding would change the aspect ratio. */
function fitMap(picture: Size, factor: number): Size {
  const aspect = picture.width / picture.height
  const long = Math.max(picture.width, picture.height)
  for (let side = Math.max(1, Math.round(long * factor)); side < long; side++) {
    const [width, height] = aspect > 1 ? [side, side / aspect] : [side * aspect, side]
    const size = { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) }
    if (Math.abs(size.width / size.height / aspect - 1) <= ASPECT_TOLERANCE) return size
  }
  return { width: picture.width, height: picture.height }
}
