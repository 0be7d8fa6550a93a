import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { ssim } from 'ssim.js'

/** How far pictures are from others, over all of them. */
export interface Distance {
  /** The largest difference of a value, in levels of 255. */
  readonly max: number
  /** The mean difference. */
  readonly mean: number
}

export interface Pixels {
  readonly data: Buffer
  readonly info: { readonly width: number; readonly height: number; readonly channels: 1 | 2 | 3 | 4 }
}

/**
 * How far the outputs in a folder are from what a bare call of sharp makes of the same pictures: decoded, and at the
 * same sizes. `open` says what the call is given where that isn't the picture itself.
 */
export async function compareWithPlain(
  files: readonly string[],
  out: string,
  open: (file: string) => Promise<string | Buffer> = (file) => Promise.resolve(file),
): Promise<Distance> {
  const names = await readdir(out, { recursive: true })
  const distances: Distance[] = []
  for (const file of files) {
    const ours = await decode(sharp(join(out, findOutput(file, names))))
    const { width, height } = ours.info
    // As a user would write it, with the size that ours has.
    const plain = sharp(await open(file))
      .autoOrient()
      .resize(width, height, { fit: 'fill' })
    distances.push(measureDistance(ours, await decode(sharp(await plain.toBuffer()))))
  }
  return {
    max: Math.max(...distances.map(({ max }) => max)),
    mean: meanOf(distances.map(({ mean }) => mean)),
  }
}

function findOutput(file: string, names: readonly string[]): string {
  const stem = basename(file, extname(file))
  const name = names.find((each) => basename(each).startsWith(`${stem}.`))
  if (name === undefined) throw new Error(`nothing was made of ${basename(file)}`)
  return name
}

export async function decode(image: Sharp): Promise<Pixels> {
  return image.raw().toBuffer({ resolveWithObject: true })
}

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

/** Structural similarity pixel by pixel, not of the two made smaller; 1 is the same. */
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
