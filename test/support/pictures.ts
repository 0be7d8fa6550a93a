import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { renderRendition } from '../../src/render/render-rendition.js'
import { openImage, type OpenImage } from '../../src/image/open-image.js'
import { withDefaults } from '../../src/image/limits.js'
import type { Limits, Rendered } from '../../src/image/types.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'

export type Kind = 'rgb' | 'rgba' | 'grey' | 'deep'

const CHANNELS = { rgb: 3, rgba: 4, grey: 1, deep: 3 } as const

/** Creates a lossless photo-like PNG with soft gradients, edges and some noise. The same at every call. */
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

/** Creates a PNG of four flat quarters: red and green above blue and white. */
export async function makeQuarters(width = 40, height = 40): Promise<Buffer> {
  const right = Math.floor(width / 2)
  const bottom = Math.floor(height / 2)
  const quarter = (colour: string, left: number, top: number) => ({
    input: {
      create: { width: width - right, height: height - bottom, channels: 3 as const, background: colour },
    },
    left,
    top,
  })
  return sharp({ create: { width, height, channels: 3, background: 'red' } })
    .composite([quarter('lime', right, 0), quarter('blue', 0, bottom), quarter('white', right, bottom)])
    .removeAlpha()
    .png()
    .toBuffer()
}

/** Creates a PNG of one colour. */
export async function makePlain(width: number, height: number, background = 'red'): Promise<Buffer> {
  const channels = background === 'transparent' ? 4 : 3
  const fill = background === 'transparent' ? { r: 0, g: 0, b: 0, alpha: 0 } : background
  return sharp({ create: { width, height, channels, background: fill } })
    .png()
    .toBuffer()
}

/** Reads a file in fixtures/. */
export function fixture(name: string): Promise<Buffer> {
  return readFile(new URL(`../../fixtures/${name}`, import.meta.url))
}

/** Stands for the faces and the objects of every picture, without a model. */
const REGION = { left: 0.2, top: 0.2, width: 0.4, height: 0.4 }

/** Opens an image with the default limits, unless others are given. */
export function open(bytes: Uint8Array, limits: Partial<Limits> = {}): Promise<OpenImage> {
  const read = (ref: string) => readFile(ref)
  return openImage(bytes, {
    limits: withDefaults(limits),
    failOn: 'error',
    read,
    findRegions: async () => [REGION],
  })
}

/** Renders operations on an image. */
export async function make(
  bytes: Uint8Array,
  ops: readonly ImageOp[],
  limits: Partial<Limits> = {},
): Promise<Rendered> {
  return renderRendition(await open(bytes, limits), ops)
}

/** Renders operations on an image, and returns the pixels. */
export async function makePixels(bytes: Uint8Array, ops: readonly ImageOp[]): Promise<Pixels> {
  return pixelsOf((await make(bytes, [...ops, { format: 'png' }])).data)
}

/** Renders operations on an image, and returns the size, for example `100x75`. */
export async function makeSize(bytes: Uint8Array, ops: readonly ImageOp[]): Promise<string> {
  const { width, height } = await makePixels(bytes, ops)
  return `${width}x${height}`
}

export interface Pixels {
  readonly width: number
  readonly height: number
  /** RGBA, 0 to 255, with fractions for 16 bits. */
  readonly data: Float64Array
}

/** Decodes an image to its pixels. */
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

/** Compares two pictures of the same size, in levels of 255. Colours are weighted by alpha. */
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

/** Returns red, green, blue and alpha of a pixel. */
export function pixelAt({ data, width }: Pixels, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)]
}

const NAMES: Record<string, readonly number[]> = {
  red: [255, 0, 0, 255],
  green: [0, 255, 0, 255],
  blue: [0, 0, 255, 255],
  white: [255, 255, 255, 255],
  black: [0, 0, 0, 255],
  grey: [128, 128, 128, 255],
}

/** Returns the approximate name of a pixel's colour, or its values if it has none. */
export function colourAt(pixels: Pixels, x: number, y: number): string {
  const pixel = pixelAt(pixels, x, y)
  if (pixel[3]! < 4) return 'transparent'
  const near = Object.entries(NAMES).find(([, named]) => named.every((v, i) => Math.abs(v - pixel[i]!) < 8))
  return near?.[0] ?? pixel.map((value) => Math.round(value)).join(',')
}

/** Returns the colours in the middles of the four quarters, row by row, for example `red green blue white`. */
export function quartersOf(pixels: Pixels): string {
  const xs = [0.25, 0.75].map((share) => Math.floor(pixels.width * share))
  const ys = [0.25, 0.75].map((share) => Math.floor(pixels.height * share))
  return ys.flatMap((y) => xs.map((x) => colourAt(pixels, x, y))).join(' ')
}
