import type { Sharp } from 'sharp'
import { sharp } from '../../sharp.js'
import type { Picture } from '../../picture.js'
import { firstPassInput } from './first-pass-input.js'
import type { PlannedPass } from './plan-passes.js'
import { type Keep, keepsExif } from '../../metadata/keep.js'
import { sharpOptions } from '../../image/open-image.js'
import type { PixelSource, PassOptions } from './types.js'

/** One trip through sharp, up to but without its output. */
export async function runPass(carrier: PixelSource, pass: PlannedPass, options: PassOptions): Promise<Sharp> {
  const { carrier: entering, steps } =
    carrier.kind === 'source' ? await firstPassInput(pass, carrier, options) : { carrier, steps: pass.steps }
  let image = openPixelSource(entering, options.autoOrient).timeout({ seconds: options.timeout })
  image = convertColour(image, carrier, pass.from, options.keep)
  if (pass.inColour) image = image.pipelineColourspace(pass.from.depth === 16 ? 'rgb16' : 'srgb')
  for (const { operation, from, to } of steps) {
    image = await operation.op.apply(image, operation.params, { from, to, read: options.read })
  }
  const { keep, density } = options
  // A TIFF would say 25.4 otherwise.
  if (keep.exif && density !== undefined) image = image.withDensity(density)
  return keepMetadata(image, options)
}

/**
 * Stores the pixels for the next pass, with everything that goes along: PNG without compression keeps alpha, 16
 * bits, EXIF, ICC and XMP and costs about 8 ms for 12 MP; CMYK, which PNG lacks, takes TIFF.
 */
export async function storePixels(image: Sharp, { to, sized }: PlannedPass): Promise<Stored> {
  const stored = image.toColourspace(colourspace(to))
  const { data, info } = await (
    to.space === 'cmyk' ? stored.tiff({ compression: 'none' }) : stored.png({ compressionLevel: 0 })
  ).toBuffer({ resolveWithObject: true })
  // Our arithmetic counts: what sharp says is wrong after a crop and a border in one pass.
  const { width, height } = sized ? to : info
  return { carrier: { kind: 'stored', bytes: data }, width, height }
}

/** Pixels that are stored, and their size. */
export interface Stored {
  readonly carrier: PixelSource
  readonly width: number
  readonly height: number
}

/** libvips' name for what a picture's channels mean at its depth. */
export function colourspace({
  space,
  depth,
}: Pick<Picture, 'space' | 'depth'>): 'cmyk' | 'b-w' | 'grey16' | 'srgb' | 'rgb16' {
  if (space === 'cmyk') return 'cmyk'
  if (space === 'grey') return depth === 16 ? 'grey16' : 'b-w'
  return depth === 16 ? 'rgb16' : 'srgb'
}

/** The pixels of a carrier, for sharp. */
export function openPixelSource(carrier: PixelSource, autoOrient: boolean): Sharp {
  if (carrier.kind === 'source') {
    const { options, raw } = carrier.image
    return sharp(carrier.bytes, { ...sharpOptions(options), autoOrient, ...(raw && { raw }) })
  }
  if (carrier.kind === 'stored') return sharp(carrier.bytes, { limitInputPixels: false })
  const { width, height, channels } = carrier
  return sharp(carrier.bytes, { raw: { width, height, channels }, limitInputPixels: false })
}

/** Colours become sRGB as they enter, unless their profile is kept. */
function convertColour(image: Sharp, carrier: PixelSource, picture: Picture, keep: Keep): Sharp {
  // Without this sharp takes CMYK for sRGB from the start.
  if (picture.space === 'cmyk') return image.pipelineColourspace('cmyk')
  const hasProfile = carrier.kind === 'source' && carrier.image.metadata.hasProfile
  // sharp works on 16 bits in Display P3: without this a profiled picture would come out with P3 values.
  if (hasProfile && picture.depth === 16 && !keep.icc) return image.withIccProfile('srgb', { attach: false })
  return image
}

/** Tells sharp what of the source's metadata to write. */
export function keepMetadata(image: Sharp, { keep, orientation, xmp }: PassOptions): Sharp {
  let kept = image
  if (keep.icc) kept = kept.keepIccProfile()
  if (keepsExif(keep)) kept = kept.keepExif()
  if (xmp !== undefined) kept = kept.withXmp(xmp)
  if (orientation === undefined) return kept
  // Every pass hands it on: sharp writes an orientation only for pixels that came with one.
  const tag = { IFD0: { Orientation: String(orientation) } }
  return keepsExif(keep) ? kept.withExifMerge(tag) : kept.withExif(tag)
}
