import type { Encoding, Format } from '../operations/settings/format.js'
import { readOps } from '../operations/parse-operations.js'
import type { Picture } from '../picture.js'
import { decodeFrames, encodeFrames } from './animation-frames.js'
import { applyToPicture, type PixelOperation } from './passes/plan-passes.js'
import { openPixelSource, storePixels } from './passes/run-pass.js'
import type { PixelSource, PassOptions } from './passes/types.js'
import { limitSharp } from '../image/explain-sharp-error.js'
import { explainErrors } from './passes/explain-errors.js'
import { checkOperations, runPasses } from './passes/run-passes.js'
import { toRecipe } from './recipe.js'
import { pictureOf, type OpenImage } from '../image/open-image.js'
import { checkOutput } from '../image/limits.js'
import { isFixedEncoding, searchEncoding } from './encode/search-encoding.js'
import type { EncodedPixels } from './encode/types.js'

/** The frames of an animation between passes, all of one size. */
interface Frames {
  readonly frames: readonly PixelSource[]
  /** One frame. */
  readonly picture: Picture
}

/**
 * Renders an animation: every frame goes through the passes as a still. An operation that searches the pixels, such as
 * trim, is replaced by a fixed one, the same for all frames.
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
  const frames = await explainErrors(decodeFrames(image, keep.icc, timeout), source, timeout)
  // A frame has no metadata of its own. The encoder adds it to the animation.
  const perFrame: PassOptions = {
    ...options,
    keep: toRecipe([]).keep,
    xmp: undefined,
  }
  const stored = { ...picture, ...pictureOf(image, false, true), pages: 1 }
  let current: Frames = { frames, picture: { ...stored, alpha: true, space: 'rgb', shrinks: false } }
  let rest = autoOrient ? [...orientUpright(image.metadata.orientation), ...operations] : operations
  for (let at = findSearching(rest); at >= 0; at = findSearching(rest)) {
    current = await renderAllFrames(current, rest.slice(0, at), image, perFrame)
    rest = [...(await freeze(rest[at]!, current, options)), ...rest.slice(at + 1)]
    checkOperations(rest, { ...current.picture, pages: frames.length }, image.options.limits)
  }
  current = await renderAllFrames(current, rest, image, perFrame)
  const to = { ...current.picture, pages: frames.length }
  // Ten frames count as one picture.
  const seconds = timeout * Math.max(1, frames.length / 10)
  const encodeAs = (as: Encoding) =>
    limitSharp(encodeFrames({ frames: current.frames, picture: to, image }, as, options), seconds, 'encode')
  const open = () => openPixelSource(current.frames[0]!, false)
  const encoded = isFixedEncoding(format)
    ? encodeAs(format).then((fixed): EncodedPixels => ({ ...fixed, type: format.type }))
    : searchEncoding(format, { picture: to, encodeAs, open })
  return { ...(await explainErrors(encoded, { kind: 'stored', bytes: image.bytes }, Infinity)), to }
}

/** Returns the operations that turn frames upright by an EXIF orientation (Exif 2.32, CIPA DC-008, 4.6.4). */
function orientUpright(orientation = 1): readonly PixelOperation[] {
  const mirrored = [2, 4, 5, 7].includes(orientation)
  const angle = [0, 0, 0, 180, 180, 270, 90, 90, 270][orientation] ?? 0
  return toRecipe(
    readOps([...(mirrored ? [{ flop: true } as const] : []), ...(angle === 0 ? [] : [{ rotate: angle }])]),
  ).pixels
}

/** Returns the index of the first operation that searches the pixels; -1 if there is none. */
function findSearching(operations: readonly PixelOperation[]): number {
  return operations.findIndex(({ op, params }) => op.freezeForAnimation?.(params) !== undefined)
}

/** Returns fixed operations in place of one that searches the pixels, for these frames. */
async function freeze(
  operation: PixelOperation,
  { frames, picture }: Frames,
  { read, fromSrgb }: PassOptions,
): Promise<readonly PixelOperation[]> {
  const freezeOperation = operation.op.freezeForAnimation?.(operation.params)
  const images = frames.map((frame) => openPixelSource(frame, false))
  const frozen =
    (await freezeOperation?.(images, {
      from: picture,
      to: applyToPicture(operation, picture),
      read,
      fromSrgb,
    })) ?? []
  return toRecipe(readOps(frozen)).pixels
}

async function renderAllFrames(
  { frames, picture }: Frames,
  operations: readonly PixelOperation[],
  image: OpenImage,
  options: PassOptions,
): Promise<Frames> {
  const rendered: PixelSource[] = []
  let size = picture
  for (const frame of frames) {
    const { last, pass } = await runPasses(frame, operations, picture, image.options.limits, options)
    const stored = await explainErrors(storePixels(last, pass), frame, options.timeout)
    rendered.push(stored.source)
    size = { ...pass.to, width: stored.width, height: stored.height }
  }
  return { frames: rendered, picture: size }
}
