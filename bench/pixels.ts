import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { ssim } from 'ssim.js'

/** Difference between two sets of images. */
export interface Distance {
  /** Largest difference of a value, in levels of 255. */
  readonly max: number
  /** Mean difference, in levels of 255. */
  readonly mean: number
}

export interface Pixels {
  readonly data: Buffer
  readonly info: { readonly width: number; readonly height: number; readonly channels: 1 | 2 | 3 | 4 }
}

/**
 * Compares the outputs in a folder with plain calls of sharp on the same images, decoded and at the same sizes.
 *
 * @param open returns the input of the plain call. @default the image itself
 */
export async function compareWithPlain(
  files: readonly string[],
  out: string,
  open: (file: string) => Promise<string | Buffer> = (file) => Promise.resolve(file),
): Promise<Distance> {
  const names = await readdir(out, { recursive: true })
  const distances: Distance[] = []
  for (const file of files) {
    const ourFile = findOutput(file, names)
    const ours = await decode(sharp(join(out, ourFile)))
    const { width, height } = ours.info
    // As a user would write it, at the size of our output.
    const plain = sharp(await open(file))
      .autoOrient()
      .resize(width, height, { fit: 'fill' })
    const encoded = extname(ourFile) === '.webp' ? plain.webp() : plain
    distances.push(measureDistance(ours, await decode(sharp(await encoded.toBuffer()))))
  }
  return {
    max: Math.max(...distances.map(({ max }) => max)),
    mean: meanOf(distances.map(({ mean }) => mean)),
  }
}

function findOutput(file: string, names: readonly string[]): string {
  const stem = basename(file, extname(file))
  const name = names.find((each) => basename(each).startsWith(`${stem}.`))
  if (name === undefined) throw new Error(`there is no output of ${basename(file)}`)
  return name
}

/** Decodes to raw pixels. */
export async function decode(image: Sharp): Promise<Pixels> {
  return image.raw().toBuffer({ resolveWithObject: true })
}

/** Returns the difference of two images; Infinity if their sizes differ. */
export function measureDistance(one: Pixels, other: Pixels): Distance {
  if (one.data.length !== other.data.length) return { max: Infinity, mean: Infinity }
  let max = 0
  let sum = 0
  for (const [index, value] of one.data.entries()) {
    const difference = Math.abs(value - other.data[index]!)
    max = Math.max(max, difference)
    sum += difference
  }
  return { max, mean: sum / one.data.length }
}

/** Returns the structural similarity (SSIM) per pixel, without downsampling; 1 for equal images. */
export async function measureSimilarity(one: Pixels, other: Pixels): Promise<number> {
  const [first, second] = await Promise.all([one, other].map(toRgba))
  if (first === undefined || second === undefined) return NaN
  return ssim(first, second, { downsample: false }).mssim
}

async function toRgba({ data, info }: Pixels) {
  const rgba = await sharp(data, { raw: info }).toColourspace('srgb').ensureAlpha().raw().toBuffer()
  return { data: new Uint8ClampedArray(rgba), width: info.width, height: info.height }
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
