import sharp from 'sharp'
import { openImage, withDefaults, type OpenImage } from '../../src/core/source.js'

export type Kind = 'rgb' | 'rgba' | 'grey' | 'deep'

const CHANNELS = { rgb: 3, rgba: 4, grey: 1, deep: 3 } as const

/** A lossless photo-like picture: soft gradients, edges and a little grain, the same at every call. */
export async function makePicture(kind: Kind, width = 96, height = 64): Promise<Buffer> {
  const channels = CHANNELS[kind]
  const deep = kind === 'deep'
  const data = deep ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels)
  let seed = 1
  const noise = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return seed / 2 ** 32 - 0.5
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave = Math.sin(x / 7) * 30 + Math.cos(y / 5) * 25
      const edge = x > width * 0.6 && y > height * 0.4 ? 60 : 0
      const base = [90 + wave + edge, 130 - wave + y / 2, 110 + x / 2 - edge / 2]
      for (let channel = 0; channel < channels; channel++) {
        const value =
          channel === 3 ? 40 + 215 * Math.min(1, (x + y) / (width * 0.8)) : base[channel]! + noise() * 8
        data[(y * width + x) * channels + channel] = Math.round(
          Math.max(0, Math.min(255, value)) * (deep ? 257 : 1),
        )
      }
    }
  }
  const image = sharp(data, { raw: { width, height, channels } })
  const space = kind === 'grey' ? 'b-w' : deep ? 'rgb16' : 'srgb'
  return image.toColourspace(space).png().toBuffer()
}

/** An opened image, with the limits that users get. */
export function open(bytes: Uint8Array): Promise<OpenImage> {
  return openImage(bytes, { limits: withDefaults(), failOn: 'error' })
}

export interface Pixels {
  readonly width: number
  readonly height: number
  /** RGBA, 0 to 255, fractions where there are 16 bits. */
  readonly data: Float64Array
}

/** The pixels of an encoded image. */
export async function pixelsOf(bytes: Uint8Array): Promise<Pixels> {
  const { depth } = await sharp(bytes).metadata()
  const deep = depth === 'ushort'
  const image = sharp(bytes)
    .ensureAlpha()
    .toColourspace(deep ? 'rgb16' : 'srgb')
  const { data, info } = await image
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const values = deep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data
  return {
    width: info.width,
    height: info.height,
    data: Float64Array.from(values, (value) => (deep ? value / 257 : value)),
  }
}

export interface Difference {
  readonly max: number
  readonly mean: number
}

/** How far two pictures of one size are apart, in levels a channel, colours weighted by alpha. */
export function difference(a: Pixels, b: Pixels): Difference {
  if (a.width !== b.width || a.height !== b.height)
    throw new Error(`${a.width}x${a.height} against ${b.width}x${b.height}`)
  let max = 0
  let sum = 0
  for (let at = 0; at < a.data.length; at += 4) {
    const alphaA = a.data[at + 3]! / 255
    const alphaB = b.data[at + 3]! / 255
    for (let channel = 0; channel < 4; channel++) {
      const valueA = a.data[at + channel]! * (channel === 3 ? 1 : alphaA)
      const valueB = b.data[at + channel]! * (channel === 3 ? 1 : alphaB)
      max = Math.max(max, Math.abs(valueA - valueB))
      sum += Math.abs(valueA - valueB)
    }
  }
  return { max, mean: sum / a.data.length }
}
