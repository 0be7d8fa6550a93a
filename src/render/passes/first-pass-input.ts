import type { OpName } from '../../operations/image-op.generated.js'
import type { PlannedPass, Step } from './plan-passes.js'
import type { PixelSource, PassOptions } from './types.js'
import { keepsExif } from '../../metadata/keep.js'
import type { OpenImage } from '../../image/open-image.js'
import { planScaling, shrinkOnLoad } from './shrink-on-load.js'
import { wrapInTiff } from '../../metadata/tiff-writer.js'
import type { RawPixels } from '../../picture.js'

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
type SourceCarrier = Extract<PixelSource, { kind: 'source' }>

/** What a pass reads, and what is left to do with that. */
export interface FirstPassInput {
  readonly carrier: PixelSource
  readonly steps: readonly Step[]
}

/**
 * What a first pass reads of a JPEG that it makes smaller: pixels that are scaled already; those at 1/8; or, where sharp has
 * to read it, a progressive file that holds no more than these. Anything else is read as it is.
 */
export async function firstPassInput(
  pass: PlannedPass,
  source: SourceCarrier,
  options: PassOptions,
): Promise<FirstPassInput> {
  const { image, bytes } = source
  const { steps } = pass
  const { fastJpeg } = image.options
  const unchanged: FirstPassInput = { carrier: source, steps }
  if (fastJpeg === undefined || !beginsSmaller(pass, image)) return unchanged
  const isEighth = shrinkOnLoad(pass.steps[0].from, pass.steps[0].to) === 8
  const isBareSource = isBarePicture(image, options)
  const scaled = isBareSource ? await scale(pass.steps[0], image) : undefined
  const pixels = scaled ?? (isBareSource && isEighth ? await fastJpeg.decode(bytes, 8) : undefined)
  if (pixels === undefined) {
    const cut = isEighth && image.metadata.isProgressive ? fastJpeg.cut(bytes) : undefined
    return cut === undefined ? unchanged : { carrier: { ...source, bytes: cut }, steps }
  }
  // A file says whatever there is to say; and libvips rounds otherwise where it reads bare pixels to scale them.
  const { orientation = 1 } = image.metadata
  const isBare = scaled !== undefined && orientation === 1 && !options.tellsDensity
  const carrier: PixelSource = isBare
    ? { kind: 'raw', ...pixels }
    : { ...source, bytes: wrapInTiff(pixels, image.metadata) }
  return { carrier, steps: scaled === undefined ? steps : steps.slice(1) }
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

/** A pass that begins with a scaling. */
type ScalingPass = PlannedPass & { readonly steps: readonly [Step, ...Step[]] }

/**
 * Whether a pass begins by making a JPEG smaller, and leaves it to the decoder to begin with that. Colours of ink and gain
 * maps keep sharp from having it shrink, and so does a colour space for the pass.
 */
function beginsSmaller(pass: PlannedPass, image: OpenImage): pass is ScalingPass {
  const { metadata, format, options } = image
  const [scaling, ...others] = pass.steps
  if (format !== 'jpeg' || metadata.gainMap !== undefined) return false
  // A warning of what is left out would be missed.
  if (options.failOn === 'warning' || pass.from.space === 'cmyk' || pass.inColour) return false
  const name = scaling?.operation.name
  return (
    (name === 'resize' || name === 'thumbnail') &&
    others.every(({ operation }) => LEAVES_SHRINKING.has(operation.name))
  )
}

/** The pixels of a picture as they are stored, scaled; undefined where its colours have to be converted before. */
async function scale(step: Step, { bytes, metadata, options }: OpenImage): Promise<RawPixels | undefined> {
  const scaling = metadata.icc === undefined ? planScaling(step, metadata.orientation ?? 1) : undefined
  return scaling && options.fastJpeg?.decodeScaled(bytes, scaling.part, scaling.to)
}
