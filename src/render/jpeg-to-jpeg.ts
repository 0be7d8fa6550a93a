import type { Metadata } from 'sharp'
import type { Encoding } from '../operations/settings/format.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import type { PlannedPass } from './passes/plan-passes.js'
import { recipeOf } from './recipe.js'
import type { PassOptions } from './passes/types.js'
import { addIccToJpeg, fitsJpeg } from '../metadata/containers/jpeg.js'
import { isRgbProfile } from '../metadata/icc-profile.js'
import type { Keep } from '../metadata/keep.js'
import { planSameSize, planScaling, type Scaling } from './passes/shrink-on-load.js'
import type { OpenImage } from '../image/open-image.js'
import { isFixedEncoding } from './encode/search-encoding.js'
import type { ColourTables, JpegTarget } from '../codec/types.js'
import { conversionOf } from './to-srgb/conversion-of.js'

/**
 * Makes another JPEG of a JPEG, as large or smaller, without sharp, with the same bytes as sharp. This is the most common job, and
 * for a small picture the setup of a sharp pipeline takes longer than the work. Metadata are attached.
 *
 * @returns undefined if sharp has to do it.
 */
export async function transcodeJpeg(
  pass: PlannedPass,
  image: OpenImage,
  format: Encoding,
  options: PassOptions,
): Promise<Buffer<ArrayBuffer> | undefined> {
  const { fastCodec } = image.options
  const settings = toEncoderSettings(format)
  if (fastCodec === undefined || settings === undefined) return undefined
  if (!isPlainJpeg(image) || options.orientation !== undefined) return undefined
  const scaling = planAll(pass, image.metadata.orientation ?? 1)
  const colours = planColours(image.metadata, options.keep)
  if (scaling === undefined || colours === undefined) return undefined
  const target = { ...scaling.to, ...settings }
  const jpeg = await (image.decoded === undefined
    ? fastCodec.transcode(image.bytes, scaling.scaleDenominator, target, colours.tables)
    : fastCodec.encode(image.decoded, target))
  if (jpeg === undefined) return undefined
  const file = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  return options.attach(colours.kept === undefined ? file : addIccToJpeg(file, colours.kept), 'jpeg')
}

/** A plan for the profile of a source. */
interface PlannedColours {
  /** Converts the pixels to sRGB. */
  readonly tables?: ColourTables | undefined
  /** The profile of the output. */
  readonly kept?: Uint8Array
}

/** Plans what becomes of a profile. Returns undefined if libvips has to apply it. */
function planColours({ icc, space }: Metadata, { icc: isKept }: Keep): PlannedColours | undefined {
  if (icc === undefined) return {}
  if (isKept) return fitsJpeg(icc) ? { kept: icc } : undefined
  // libvips ignores the profile of a grey picture if it is for colours.
  if (space === 'b-w') return isRgbProfile(icc) ? {} : undefined
  const conversion = conversionOf(icc)
  return conversion && (conversion === 'none' ? {} : { tables: conversion })
}

/** Returns the settings of our JPEG encoder; undefined for another format, or if other settings are given. */
function toEncoderSettings(format: Encoding): Pick<JpegTarget, 'quality' | 'chromaSubsampling'> | undefined {
  if (format.type !== 'jpeg') return undefined
  const { type: _, neverGrow: _grows, quality = 80, chromaSubsampling = '4:2:0', ...others } = format
  const hasNoOthers = Object.values(others).every((value) => value === undefined)
  return hasNoOthers ? { quality, chromaSubsampling } : undefined
}

/** Plans all operations at once; undefined if they do more than to scale. */
function planAll(
  { steps, to, isSizeKnown, needsColour, rest }: PlannedPass,
  orientation: number,
): Scaling | undefined {
  const [step, ...others] = steps
  if (others.length > 0 || rest.length > 0 || !isSizeKnown || needsColour) return undefined
  return step === undefined ? planSameSize(to, orientation) : planScaling(step, orientation)
}

/** Returns true for an RGB or grey JPEG without gain map, unless decoder warnings count as failures. */
function isPlainJpeg({ format, metadata, options }: OpenImage): boolean {
  if (format !== 'jpeg' || options.failOn === 'warning') return false
  return (metadata.space === 'srgb' || metadata.space === 'b-w') && metadata.gainMap === undefined
}

/**
 * Returns true if operations only scale to a JPEG, which keeps at most its profile. Such a job spends most of its time in
 * JavaScript and WebAssembly.
 */
export function wantsTranscode(ops: readonly ImageOp[]): boolean {
  const {
    pixels,
    format = { type: 'jpeg' },
    keep: { icc: _, ...others },
  } = recipeOf(ops)
  const [scaling, ...more] = pixels
  const { op, params } = scaling ?? {}
  const isScaled = op?.scales?.(params) === 'lanczos3' || op?.covers?.(params) !== undefined
  const isSimpleJpeg = isFixedEncoding(format) && toEncoderSettings(format) !== undefined
  return isScaled && more.length === 0 && isSimpleJpeg && !Object.values(others).some(Boolean)
}
