import type { Encoding } from '../operations/settings/format.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import type { PlannedPass } from './passes/plan-passes.js'
import { recipeOf } from './recipe.js'
import type { PassOptions } from './passes/types.js'
import { keepsExif } from '../metadata/keep.js'
import { planScaling } from './passes/shrink-on-load.js'
import type { OpenImage } from '../image/open-image.js'
import { isFixedEncoding } from './encode/search-encoding.js'
import type { JpegTarget } from '../jpeg/types.js'

/**
 * A JPEG that becomes a smaller one and nothing else, the most common job of all, made without sharp: a call of it takes
 * longer to set up than a small picture to make. To the very bytes that sharp would make.
 *
 * @returns undefined where sharp has to make it.
 */
export async function transcodeJpeg(
  pass: PlannedPass,
  image: OpenImage,
  format: Encoding,
  options: PassOptions,
): Promise<Buffer | undefined> {
  const { fastJpeg } = image.options
  const settings = settingsOf(format)
  if (fastJpeg === undefined || settings === undefined || !isOnlyScaled(pass)) return undefined
  if (!isPlain(image) || keepsAnything(image, options)) return undefined
  const [step] = pass.steps
  const scaling = step && planScaling(step, image.metadata.orientation ?? 1)
  if (scaling === undefined) return undefined
  const target = { ...scaling.to, ...settings }
  const made = await (image.decoded === undefined
    ? fastJpeg.transcode(image.bytes, scaling.part, target)
    : fastJpeg.encode(image.decoded, target))
  return made && Buffer.from(made.buffer, made.byteOffset, made.byteLength)
}

/** What a JPEG encoder is to know, where it is nothing but that. */
function settingsOf(format: Encoding): Pick<JpegTarget, 'quality' | 'chromaSubsampling'> | undefined {
  if (format.type !== 'jpeg') return undefined
  const { type: _, neverGrow: _grows, quality = 80, chromaSubsampling = '4:2:0', ...others } = format
  const isPlain = Object.values(others).every((value) => value === undefined)
  return isPlain ? { quality, chromaSubsampling } : undefined
}

function isOnlyScaled({ steps, sized, inColour, rest }: PlannedPass): boolean {
  return steps.length === 1 && rest.length === 0 && sized && !inColour
}

/** Whether a file is in colours that need no conversion, and is to be read without a word about what is odd. */
function isPlain({ format, metadata, options }: OpenImage): boolean {
  const { space, icc, gainMap } = metadata
  if (format !== 'jpeg' || options.failOn === 'warning') return false
  return space === 'srgb' && icc === undefined && gainMap === undefined
}

function keepsAnything({ metadata }: OpenImage, { keep, orientation, xmp }: PassOptions): boolean {
  return orientation !== undefined || xmp !== undefined || (metadata.exif !== undefined && keepsExif(keep))
}

/** Whether all that is asked for is a JPEG that is scaled: such a job takes little but JavaScript. */
export function wantsTranscode(ops: readonly ImageOp[]): boolean {
  const { pixels, format = { type: 'jpeg' }, keep } = recipeOf(ops)
  const [scaling, ...others] = pixels
  const { op, params } = scaling ?? {}
  const isScaled = op?.scales?.(params) === 'lanczos3' || op?.covers?.(params) !== undefined
  const isSettings = isFixedEncoding(format) && settingsOf(format) !== undefined
  return isScaled && others.length === 0 && isSettings && !Object.values(keep).some(Boolean)
}
