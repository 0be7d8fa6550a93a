import type { Sharp } from 'sharp'
import { sharp } from '../../sharp.js'
import type { Picture } from '../../picture.js'
import { firstPassInput } from './first-pass-input.js'
import type { PlannedPass } from './plan-passes.js'
import type { Keep } from '../../metadata/keep.js'
import { sharpOptions } from '../../image/open-image.js'
import type { PixelSource, PassOptions } from './types.js'

/**
 * Sets up a sharp pipeline for one pass. Returns it without an encoder; nothing runs yet but the reading of overlays.
 */
export async function runPass(source: PixelSource, pass: PlannedPass, options: PassOptions): Promise<Sharp> {
  const input =
    source.kind === 'source' ? await firstPassInput(pass, source, options) : { source, steps: pass.steps }
  let image = openPixelSource(input.source, options.autoOrient).timeout({ seconds: options.timeout })
  image = convertColour(image, source, pass.from, options.keep)
  if (pass.needsColour) image = image.pipelineColourspace(pass.from.depth === 16 ? 'rgb16' : 'srgb')
  for (const { operation, from, to } of input.steps) {
    image = await operation.op.apply(image, operation.params, {
      from,
      to,
      focus: operation.focus,
      read: options.read,
      fromSrgb: options.fromSrgb,
    })
  }
  return keepMetadata(image, options)
}

/**
 * Stores pixels, with their metadata, for the next pass. Uncompressed PNG keeps alpha, 16 bits, EXIF, ICC and XMP, and
 * takes about 8 ms for 12 MP. CMYK, which PNG lacks, is stored as TIFF.
 */
export async function storePixels(image: Sharp, { to, isSizeKnown }: PlannedPass): Promise<StoredPixels> {
  const converted = image.toColourspace(colourspace(to))
  const { data, info } = await (
    to.space === 'cmyk' ? converted.tiff({ compression: 'none' }) : converted.png({ compressionLevel: 0 })
  ).toBuffer({ resolveWithObject: true })
  // Prefers the computed size: sharp reports a wrong one after a crop and a border in one pass.
  const { width, height } = isSizeKnown ? to : info
  return { source: { kind: 'stored', bytes: data }, width, height }
}

/** Pixels in a lossless file, and their size. */
export interface StoredPixels {
  readonly source: PixelSource
  readonly width: number
  readonly height: number
}

/** Returns libvips' name for a colour space at a depth. */
export function colourspace({
  space,
  depth,
}: Pick<Picture, 'space' | 'depth'>): 'cmyk' | 'b-w' | 'grey16' | 'srgb' | 'rgb16' {
  if (space === 'cmyk') return 'cmyk'
  if (space === 'grey') return depth === 16 ? 'grey16' : 'b-w'
  return depth === 16 ? 'rgb16' : 'srgb'
}

/** Opens pixels with sharp. `autoOrient` applies to sources only: later pixels are upright already. */
export function openPixelSource(source: PixelSource, autoOrient: boolean): Sharp {
  if (source.kind === 'source') {
    const { options, raw } = source.image
    return sharp(source.bytes, { ...sharpOptions(options), autoOrient, ...(raw && { raw }) })
  }
  if (source.kind === 'stored') return sharp(source.bytes, { limitInputPixels: false })
  const { width, height, channels } = source
  return sharp(source.bytes, { raw: { width, height, channels }, limitInputPixels: false })
}

/** Converts colours to sRGB on input, unless their profile is kept. */
function convertColour(image: Sharp, source: PixelSource, picture: Picture, keep: Keep): Sharp {
  // Without this, sharp takes CMYK for sRGB from the start.
  if (picture.space === 'cmyk') return image.pipelineColourspace('cmyk')
  const hasProfile = source.kind === 'source' && source.image.metadata.hasProfile
  // sharp processes 16 bits in Display P3. Without this, a picture with a profile would come out with P3 values.
  if (hasProfile && picture.depth === 16 && !keep.icc) return image.withIccProfile('srgb', { attach: false })
  return image
}

/** Tells sharp which metadata to write. EXIF is attached to the encoded file. */
export function keepMetadata(image: Sharp, { keep, xmp }: PassOptions): Sharp {
  const kept = keep.icc ? image.keepIccProfile() : image
  return xmp === undefined ? kept : kept.withXmp(xmp)
}
