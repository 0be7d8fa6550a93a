import type { Sharp } from 'sharp'
import type { Encoding } from '../../operations/settings/format.js'
import type { Picture } from '../../picture.js'
import { factsOf } from '../../image/output-formats.js'
import { colourspace } from '../passes/run-pass.js'
import { encodeJxl } from './jxl-encoder.js'
import { createSharpEncoder } from './sharp-encoder.js'
import type { EncodedFile, EncodeOptions, EncoderInput } from './types.js'

/**
 * Runs a sharp pipeline and encodes its pixels, in the depth and colour space that the format stores. Most encoders are
 * sharp's, which also write the profile and XMP. Others get raw pixels.
 */
export async function encode(
  image: Sharp,
  format: Encoding,
  picture: Picture,
  options: EncodeOptions,
): Promise<EncodedFile> {
  const facts = factsOf(format)
  const depth = facts.deep ? picture.depth : 8
  const space = picture.space === 'grey' && !facts.grey ? 'rgb' : picture.space
  const out = image.toColourspace(colourspace({ space, depth }))
  if (format.type === 'jxl') return encodePixels(out, depth, (pixels) => encodeJxl(pixels, format, options))
  const encoder = createSharpEncoder(format, { ...picture, depth }, options.timeline)
  return encoder(out).toBuffer({ resolveWithObject: true })
}

/** Encodes by an encoder that is not sharp's. */
async function encodePixels(
  image: Sharp,
  depth: Picture['depth'],
  write: (pixels: EncoderInput) => Promise<Buffer<ArrayBuffer>>,
): Promise<EncodedFile> {
  const raw = image.raw({ depth: depth === 16 ? 'ushort' : 'uchar' })
  const { data, info } = await raw.toBuffer({ resolveWithObject: true })
  const { width, height, pageHeight = height, channels } = info
  const values = depth === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data
  return {
    data: await write({ data: values, width, height: pageHeight, channels }),
    info: { ...info, pages: height / pageHeight },
  }
}
