import type { Encoding, Format } from '../operations/settings/format.js'
import { readOps } from '../operations/parse-operations.js'
import type { Picture } from '../picture.js'
import { decodeFrames, encodeFrames } from './animation-frames.js'
import { applyToPicture, type PixelOperation } from './passes/plan-passes.js'
import { openPixelSource, storePixels } from './passes/run-pass.js'
import type { PixelSource, PassOptions } from './passes/types.js'
import { checkOperations, finishing, runPasses } from './passes/run-passes.js'
import { toRecipe } from './recipe.js'
import { outputExif } from './output-exif.js'
import { pictureOf, type OpenImage } from '../image/open-image.js'
import { checkOutput } from '../image/limits.js'
import { isFixedEncoding, searchEncoding } from './encode/search-encoding.js'
import type { EncodedPixels } from './encode/types.js'

/** The frames of an animation on their way through the passes, all of one size. */
interface Reel {
  readonly frames: readonly PixelSource[]
  readonly picture: Picture
}

/**
 * An animation is a list of stills and a timeline: every frame goes through the passes for itself. Where an operation
 * looks for what to keep, that is settled once for all of them.
 */
export async function renderFrames(
  image: OpenImage,
  operations: readonly PixelOperation[],
  picture: Picture,
  format: Format,
  options: PassOptions,
): Promise<EncodedPixels & { readonly to: Picture }> {
  checkOutput('decoding', picture, image.options.limits)
  const source: PixelSource = { kind: 'source', image, bytes: image.bytes }
  const { keep, autoOrient, timeout } = options
  const exif = outputExif(image, keep, options.orientation)
  const frames = await finishing(decodeFrames(image, keep.icc, timeout), source)
  // A frame is a still that has no file to keep metadata from: it comes in with the encoder.
  const perFrame: PassOptions = {
    ...options,
    keep: toRecipe([]).keep,
    orientation: undefined,
    xmp: undefined,
  }
  const asStored = { ...picture, ...pictureOf(image, false, true), pages: 1 }
  let reel: Reel = { frames, picture: { ...asStored, alpha: true, space: 'rgb', shrinks: false } }
  let rest = autoOrient ? [...orienting(image.metadata.orientation), ...operations] : operations
  for (let at = findLooking(rest); at >= 0; at = findLooking(rest)) {
    reel = await runReel(reel, rest.slice(0, at), image, perFrame)
    rest = [...(await settle(rest[at]!, reel, options)), ...rest.slice(at + 1)]
    checkOperations(rest, { ...reel.picture, pages: frames.length }, image.options.limits)
  }
  reel = await runReel(reel, rest, image, perFrame)
  const to = { ...reel.picture, pages: frames.length }
  const encodeAs = (as: Encoding) =>
    encodeFrames({ frames: reel.frames, picture: to, image, exif }, as, options)
  const open = () => openPixelSource(reel.frames[0]!, false)
  const made = isFixedEncoding(format)
    ? encodeAs(format).then((encoded): EncodedPixels => ({ ...encoded, type: format.type }))
    : searchEncoding(format, { picture: to, encodeAs, open })
  return { ...(await finishing(made, { kind: 'stored', bytes: image.bytes })), to }
}

/** Turns frames upright, by an EXIF orientation. (Exif 2.32, CIPA DC-008, 4.6.4) */
function orienting(orientation = 1): readonly PixelOperation[] {
  const mirrored = [2, 4, 5, 7].includes(orientation)
  const angle = [0, 0, 0, 180, 180, 270, 90, 90, 270][orientation] ?? 0
  return toRecipe(
    readOps([...(mirrored ? [{ flop: true } as const] : []), ...(angle === 0 ? [] : [{ rotate: angle }])]),
  ).pixels
}

/** The first operation that looks at pixels to find what it keeps. */
function findLooking(operations: readonly PixelOperation[]): number {
  return operations.findIndex(({ op, params }) => op.freezeForAnimation?.(params) !== undefined)
}

/** What an operation that looks comes to on these frames. */
async function settle(
  operation: PixelOperation,
  { frames, picture }: Reel,
  { read }: PassOptions,
): Promise<readonly PixelOperation[]> {
  const look = operation.op.freezeForAnimation?.(operation.params)
  const images = frames.map((frame) => openPixelSource(frame, false))
  const settled =
    (await look?.(images, { from: picture, to: applyToPicture(operation, picture), read })) ?? []
  return toRecipe(readOps(settled)).pixels
}

async function runReel(
  { frames, picture }: Reel,
  operations: readonly PixelOperation[],
  image: OpenImage,
  options: PassOptions,
): Promise<Reel> {
  const made: PixelSource[] = []
  let size = picture
  for (const frame of frames) {
    const { last, pass } = await runPasses(frame, operations, picture, image.options.limits, options)
    const stored = await finishing(storePixels(last, pass), frame)
    made.push(stored.carrier)
    size = { ...pass.to, width: stored.width, height: stored.height }
  }
  return { frames: made, picture: size }
}
