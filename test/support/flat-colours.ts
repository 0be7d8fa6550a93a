import sharp from 'sharp'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import type { Profile } from './profiles.js'
import { makeTiff } from './tiff.js'

/** Width and height of flat pictures. */
export const FLAT_SIZE = 40

/** Creates a flat TIFF of a grey level in sRGB, in a profile's own samples. */
export function makeFlat({ icc, fromSrgb }: Profile, depth: 8 | 16, level = 124, alpha = false): Buffer {
  const max = 2 ** depth - 1
  const pixel = [...fromSrgb([level, level, level]), ...(alpha ? [0] : [])]
  const values = pixel.map((value) => Math.round(Math.min(1, Math.max(0, value)) * max))
  const data = new (depth === 16 ? Uint16Array : Uint8Array)(FLAT_SIZE * FLAT_SIZE * pixel.length)
  for (let at = 0; at < data.length; at++) data[at] = values[at % values.length]!
  return makeTiff({ width: FLAT_SIZE, height: FLAT_SIZE, channels: pixel.length as 1 | 2 | 3 | 4, data }, icc)
}

/** Returns the samples of a pixel as they stand in the file. */
export async function sampleAt(bytes: Buffer, x: number, y: number): Promise<number[]> {
  const { depth, space, channels } = await sharp(bytes).metadata()
  const own = sharp(bytes).keepIccProfile()
  const { data, info } = await (space === 'cmyk' ? own.pipelineColourspace('cmyk') : own)
    .toColourspace(channels === 2 && space === 'b-w' ? 'srgb' : space)
    .raw({ depth: depth === 'ushort' ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const values = depth === 'ushort' ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data
  const start = (y * info.width + x) * info.channels
  return [...values.subarray(start, start + info.channels)]
}

/** Operations that show a colour in the top left corner. */
export function addsInCorner(colour: string): [name: string, op: ImageOp][] {
  return [
    ['pad', { pad: { top: 9, left: 9, background: colour } }],
    ['rotate', { rotate: { angle: 45, background: colour } }],
    ['resize', { resize: { width: 40, height: 60, fit: 'contain', background: colour, enlarge: true } }],
  ]
}
