import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { tiffs, type Rgba, type TiffCase } from '../../torture/grammar/tiff.js'
import { transform } from '../../src/transform.js'
import { toImgprocError } from '../../src/errors.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'

/** sharp multiplies and divides an alpha of 8 bits while it resizes. */
const TOLERANCE = { full: 2, resized: 3 }
const PARALLEL = 8

/** Returns the colours in the middle of the quarters of a picture. */
async function quartersOf(png: Buffer): Promise<Rgba[]> {
  const { data, info } = await sharp(png)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.1, 0.9],
    [0.9, 0.9],
  ].map(([x = 0, y = 0]) => {
    const at = (Math.floor(height * y) * width + Math.floor(width * x)) * channels
    const [red = NaN, green = NaN, blue = NaN, alpha = NaN] = data.subarray(at, at + channels)
    return [red, green, blue, alpha]
  })
}

/** Returns what is wrong with the result of a transform, or undefined. */
async function problemOf(
  { bytes, expected }: TiffCase,
  ops: readonly ImageOp[],
  tolerance: number,
): Promise<string | undefined> {
  try {
    const { data } = await transform(bytes, [...ops, { format: 'png' }])
    const quarters = await quartersOf(data)
    if ('refused' in expected) return `was read as ${JSON.stringify(quarters)}`
    const isRight = quarters.every((quarter, index) =>
      quarter.every(
        (value, channel) => Math.abs(value - (expected.quarters[index]?.[channel] ?? NaN)) <= tolerance,
      ),
    )
    return isRight ? undefined : `${JSON.stringify(quarters)} instead of ${JSON.stringify(expected.quarters)}`
  } catch (error) {
    const { code, message } = toImgprocError(error)
    const isRefused = 'refused' in expected && code === 'UNSUPPORTED_FORMAT' && expected.refused.test(message)
    return isRefused ? undefined : `${code}: ${message}`
  }
}

describe('every kind of TIFF', () => {
  it('comes out in the right colours, at full size and resized, or is refused by name', async () => {
    const waiting = [...tiffs()]
    expect(waiting.length).toBeGreaterThan(800)
    const problems: string[] = []
    const work = async (): Promise<void> => {
      for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
        const full = await problemOf(each, [], TOLERANCE.full)
        const resized = await problemOf(each, [{ resize: { width: 21 } }], TOLERANCE.resized)
        if (full !== undefined) problems.push(`${each.name}: ${full}`)
        if (resized !== undefined) problems.push(`${each.name}, resized: ${resized}`)
      }
    }
    await Promise.all(Array.from({ length: PARALLEL }, work))
    expect(problems).toEqual([])
  })
})
