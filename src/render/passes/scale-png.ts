import { keepsExif } from '../../metadata/keep.js'
import { readPngRows } from '../../metadata/png/rows.js'
import { wrapInTiff } from '../../metadata/tiff-writer.js'
import type { OpenImage } from '../../image/open-image.js'
import type { PlannedPass } from './plan-passes.js'
import { planWholeScaling } from './shrink-on-load.js'
import type { PassOptions, PixelSource } from './types.js'

/** Pixels per metre that libvips writes for a PNG without density: 72 per inch, cut off. Raw pixels have another. */
const DEFAULT_DENSITY = 2834

/**
 * Scales a PNG of 8 bits in RGB or RGBA without sharp, to the same pixels: half of the time of a small picture is libvips' work
 * on its full size. Returns undefined if sharp has to do it.
 */
export async function scalePng(
  pass: PlannedPass,
  image: OpenImage,
  bytes: Uint8Array,
  options: PassOptions,
): Promise<PixelSource | undefined> {
  const [scaling, ...others] = pass.steps
  if (scaling === undefined || !isPlainPng(image) || !needsOnlyPixels(image, options)) return undefined
  // sharp premultiplies once for all operations of a pass.
  if (pass.needsColour || pass.from.depth === 16 || (pass.from.alpha && others.length > 0)) return undefined
  const to = planWholeScaling(scaling)
  const rows = to && readPngRows(bytes)
  if (to === undefined || rows === undefined) return undefined
  const pixels = await image.options.fastCodec?.scaleRows(rows, to)
  if (pixels === undefined) return undefined
  const { pixelsPerMetre = DEFAULT_DENSITY } = rows
  return options.tellsDensity
    ? { kind: 'stored', bytes: wrapInTiff(pixels, { pixelsPerMetre }) }
    : { kind: 'raw', ...pixels }
}

/** Returns true for an upright still without profile, unless decoder warnings count as failures. */
function isPlainPng({ format, metadata, options, raw }: OpenImage): boolean {
  const { orientation = 1, pages = 1, space, icc } = metadata
  const isStill = pages === 1 && raw === undefined
  return (
    format === 'png' &&
    isStill &&
    space === 'srgb' &&
    icc === undefined &&
    orientation === 1 &&
    options.failOn !== 'warning'
  )
}

/** Returns true if the output needs only the pixels and the density of the source. */
function needsOnlyPixels({ metadata: { exif } }: OpenImage, options: PassOptions): boolean {
  const { keep, orientation, xmp, tellsDensity } = options
  if (orientation !== undefined || xmp !== undefined) return false
  // EXIF may tell another density.
  return exif === undefined || (!tellsDensity && !keepsExif(keep))
}
