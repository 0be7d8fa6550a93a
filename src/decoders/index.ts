import type { Decoder } from '../image/types.js'
import { createFastCodec } from '../codec/fast-codec.js'
import { apngDecoder } from './apng.js'
import { jxlCodec } from '../jxl/shared-codec.js'
import { avifDecoder } from './avif.js'
import { bmpDecoder } from './bmp/decoder.js'
import { brokenProfileDecoder } from './broken-profile.js'
import { createGifDecoder } from './gif.js'
import { createHeicDecoder } from './heic.js'
import { icoDecoder } from './ico/decoder.js'
import { createJpegEndDecoder } from './jpeg-end.js'
import { createJxlDecoder } from './jxl.js'
import { pngDecoder } from './png.js'
import { pnmDecoder } from './pnm/decoder.js'
import { qoiDecoder } from './qoi/decoder.js'
import { createTiffDecoder } from './tiff/decoder.js'

/** JPEG operations without sharp. One instance serves the whole process, because its threads take memory. */
export const fastCodec = createFastCodec()

/** Decoders that keep nothing between pictures, or only for a codec that encoders share. */
const others: readonly Decoder[] = [
  avifDecoder,
  createGifDecoder(),
  // Before that of stills, since it knows their colours too.
  apngDecoder,
  createJpegEndDecoder(),
  createJxlDecoder(jxlCodec),
  brokenProfileDecoder,
  pngDecoder,
  createTiffDecoder(),
  bmpDecoder,
  icoDecoder,
  pnmDecoder,
  qoiDecoder,
]

/** Decoders of sources that sharp does not read, or reads wrongly. One instance serves the whole process, because its threads take memory. */
export const decoders: readonly Decoder[] = [createHeicDecoder(), ...others]

/** Keeps no memory between pictures, which takes a quarter longer. */
const thriftyDecoders: readonly Decoder[] = [createHeicDecoder({ idleSeconds: 0 }), ...others]

/** With less memory, jobs would wait for the memory that an idle decoder keeps. */
const MIN_BYTES_TO_KEEP_IDLE = 1e9

/** Returns the decoders for a memory budget in bytes. */
export function decodersFor(bytes: number): readonly Decoder[] {
  return bytes < MIN_BYTES_TO_KEEP_IDLE ? thriftyDecoders : decoders
}

/** Returns the bytes that idle decoders keep at the moment. */
export function retainedBytesOf(all: readonly Pick<Decoder, 'retainedBytes'>[]): number {
  return all.reduce((sum, { retainedBytes }) => sum + (retainedBytes?.() ?? 0), 0)
}
