import type { OpName } from '../ops/image-op.js'
import type { PlannedPass } from './passes.js'
import type { Carrier, PassOptions } from './run-pass.js'
import { keepsExif } from './settings.js'
import type { OpenImage } from './source.js'
import { wrapInTiff } from './tiff.js'

/**
 * What may share a pass with a scaling and leaves it to the decoder to shrink. A crop doesn't: sharp then turns the
 * picture by its EXIF orientation first, at full size.
 */
const LEAVES_SHRINKING: ReadonlySet<OpName> = new Set<OpName>([
  'blur',
  'clahe',
  'contrast',
  'flip',
  'flop',
  'median',
  'modulate',
  'negate',
  'normalize',
  'pad',
  'rotate',
  'sharpen',
  'threshold',
  'tint',
])

/** A source as a first pass reads it. */
type SourceCarrier = Extract<Carrier, { kind: 'source' }>

/**
 * What a first pass reads of a JPEG that it needs at 1/8 only: a progressive file that holds no more than that, or the
 * pixels of a baseline one. Anything else is read as it is.
 */
export async function enterPass(
  pass: PlannedPass,
  source: SourceCarrier,
  options: PassOptions,
): Promise<Carrier> {
  const { image, bytes } = source
  const { eighth } = image.options
  if (eighth === undefined || !isDecodedAtEighth(pass, image)) return source
  if (image.metadata.isProgressive) return { ...source, bytes: eighth.cut(bytes) ?? bytes }
  if (!isBarePicture(image, options)) return source
  const pixels = await eighth.decode(bytes)
  if (pixels === undefined) return source
  const { icc, orientation = 1 } = image.metadata
  // A file takes a millisecond more to open, and says whatever there is to say.
  const isPlain = icc === undefined && orientation === 1 && !options.tellsDensity
  return isPlain ? { kind: 'raw', ...pixels } : { ...source, bytes: wrapInTiff(pixels, image.metadata) }
}

/** Whether nothing of the source gets into the output but its pixels, and what is said of these. */
function isBarePicture({ metadata }: OpenImage, options: PassOptions): boolean {
  const { keep, orientation, xmp, tellsDensity } = options
  const { space, exif, density, resolutionUnit } = metadata
  if (space !== 'srgb' || orientation !== undefined || xmp !== undefined) return false
  // sharp tells it in whole pixels an inch: fractions, as EXIF and centimetres have them, would come out otherwise.
  const isWhole = density !== undefined && exif === undefined && resolutionUnit !== 'cm'
  if (tellsDensity && !isWhole) return false
  return exif === undefined || !keepsExif(keep)
}

/**
 * Whether sharp is certain to have a JPEG decoded at 1/8, which it decides by the lesser of the two factors that the
 * picture shrinks by (src/pipeline.cc, `jpegShrinkOnLoad`): from 9 on, since at 8 and a fraction libjpeg might round
 * to too few pixels. Colours of ink and gain maps keep it from shrinking, and so does a colour space for the pass.
 */
function isDecodedAtEighth({ steps, from, inColour }: PlannedPass, image: OpenImage): boolean {
  const { metadata, format, options } = image
  const [scaling, ...others] = steps
  if (format !== 'jpeg' || metadata.gainMap !== undefined) return false
  // A warning of what is left out would be missed.
  if (options.failOn === 'warning' || from.space === 'cmyk' || inColour) return false
  const name = scaling?.operation.name
  if (scaling === undefined || (name !== 'resize' && name !== 'thumbnail')) return false
  const { from: before, to } = scaling
  return (
    before.width >= to.width * 9 &&
    before.height >= to.height * 9 &&
    others.every(({ operation }) => LEAVES_SHRINKING.has(operation.name))
  )
}
