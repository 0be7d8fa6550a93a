import type { OpName } from '../../operations/image-op.generated.js'
import type { PlannedPass, Step } from './plan-passes.js'
import type { PixelSource, PassOptions } from './types.js'
import { keepsExif } from '../../metadata/keep.js'
import type { OpenImage } from '../../image/open-image.js'
import { scalePng } from './scale-png.js'
import { planScaling, shrinkOnLoad } from './shrink-on-load.js'
import { wrapInTiff } from '../../metadata/tiff-writer.js'
import type { RawPixels } from '../../picture.js'
import { conversionOf } from '../to-srgb/conversion-of.js'

/**
 * Operations that can share a pass with a scaling without disabling shrink-on-load. A crop disables it: sharp then
 * applies the EXIF orientation first, at full size.
 */
const ALLOWS_SHRINK_ON_LOAD: ReadonlySet<OpName> = new Set<OpName>([
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

/** The source of a first pass. */
type FileSource = Extract<PixelSource, { kind: 'source' }>

/** The pixels that a first pass reads, and its remaining steps. */
export interface FirstPassInput {
  readonly source: PixelSource
  readonly steps: readonly Step[]
}

/**
 * Returns a faster input for a first pass that scales down: already scaled pixels of a JPEG or PNG; pixels of a JPEG decoded at 1/8;
 * or, if sharp has to decode, a progressive file cut to the scans needed at 1/8. Any other source is returned unchanged.
 */
export async function firstPassInput(
  pass: PlannedPass,
  source: FileSource,
  options: PassOptions,
): Promise<FirstPassInput> {
  const { image, bytes } = source
  const { steps } = pass
  const { fastCodec } = image.options
  const unchanged: FirstPassInput = { source, steps }
  const png = beginsWithScaling(pass) ? await scalePng(pass, image, bytes, options) : undefined
  if (png !== undefined) return { source: png, steps: steps.slice(1) }
  if (fastCodec === undefined || !beginsWithShrink(pass, image)) return unchanged
  const isEighth = shrinkOnLoad(pass.steps[0].from, pass.steps[0].to) === 8
  const onlyPixelsCount = needsOnlyPixels(image, options)
  const isKept = options.keep.icc
  const scaled = onlyPixelsCount ? await decodeScaled(pass.steps[0], image, isKept) : undefined
  const pixels = scaled ?? (onlyPixelsCount && isEighth ? await fastCodec.decode(bytes, 8) : undefined)
  if (pixels === undefined) {
    const cut = isEighth && image.metadata.isProgressive ? fastCodec.cut(bytes) : undefined
    return cut === undefined ? unchanged : { source: { ...source, bytes: cut }, steps }
  }
  // Raw pixels have no orientation and no density, which a TIFF has. Also, libvips rounds differently if it scales
  // them.
  const { orientation = 1, icc } = image.metadata
  const hasProfile = icc !== undefined && (scaled === undefined || isKept)
  const isRaw = scaled !== undefined && orientation === 1 && !hasProfile && !options.tellsDensity
  const pixelSource: PixelSource = isRaw
    ? { kind: 'raw', ...pixels }
    : { ...source, bytes: wrapInTiff(pixels, { ...image.metadata, icc: hasProfile ? icc : undefined }) }
  return { source: pixelSource, steps: scaled === undefined ? steps : steps.slice(1) }
}

/** Returns true if the output needs only the pixels, orientation and density of the source, in sRGB. */
function needsOnlyPixels({ metadata }: OpenImage, options: PassOptions): boolean {
  const { keep, orientation, xmp, tellsDensity } = options
  const { space, exif, density, resolutionUnit } = metadata
  if (space !== 'srgb' || orientation !== undefined || xmp !== undefined) return false
  // sharp reports whole pixels per inch. The fractions of EXIF and of centimetres would be lost.
  const isWhole = density !== undefined && exif === undefined && resolutionUnit !== 'cm'
  if (tellsDensity && !isWhole) return false
  return exif === undefined || !keepsExif(keep)
}

/** A pass with at least one step: the scaling. */
type ScalingPass = PlannedPass & { readonly steps: readonly [Step, ...Step[]] }

/**
 * Returns true if a pass begins with a scaling for which sharp uses shrink-on-load. sharp does not use it for CMYK,
 * with a gain map, or if the pass has a colour space of its own.
 */
function beginsWithShrink(pass: PlannedPass, image: OpenImage): pass is ScalingPass {
  const { metadata, format, options } = image
  if (format !== 'jpeg' || metadata.gainMap !== undefined) return false
  // Decoding only a part could miss a warning.
  if (options.failOn === 'warning' || pass.from.space === 'cmyk' || pass.needsColour) return false
  return beginsWithScaling(pass)
}

/** Returns true if a pass begins with a scaling that shrink-on-load could replace. */
function beginsWithScaling(pass: PlannedPass): pass is ScalingPass {
  const [scaling, ...others] = pass.steps
  const name = scaling?.operation.name
  return (
    (name === 'resize' || name === 'thumbnail') &&
    others.every(({ operation }) => ALLOWS_SHRINK_ON_LOAD.has(operation.name))
  )
}

/**
 * Decodes and scales to the stored orientation, in sRGB unless the profile is kept. Returns undefined if sharp has to convert
 * the colours.
 */
async function decodeScaled(
  step: Step,
  { bytes, metadata, options }: OpenImage,
  isKept: boolean,
): Promise<RawPixels | undefined> {
  const { icc, orientation = 1 } = metadata
  const conversion = icc === undefined || isKept ? 'none' : conversionOf(icc)
  const scaling = conversion && planScaling(step, orientation)
  if (scaling === undefined) return undefined
  const colours = conversion === 'none' ? undefined : conversion
  return options.fastCodec?.decodeScaled(bytes, scaling.scaleDenominator, scaling.to, colours)
}
