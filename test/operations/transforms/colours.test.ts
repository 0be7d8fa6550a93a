import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { makePicture, makePixels, pixelsOf, type Kind, type Pixels } from '../../support/pictures.js'

type Rgb = readonly [number, number, number]

/** Returns the largest difference of a picture to a function of each colour, in levels of 255. */
async function differenceTo(
  kind: Kind,
  op: ImageOp,
  expected: (rgb: Rgb, alpha: number, max: number) => readonly number[],
): Promise<number> {
  const source = await makePicture(kind)
  const [before, after] = [await pixelsOf(source), await makePixels(source, [op])]
  const max = 255
  const read = ({ data }: Pixels, at: number): number[] => Array.from(data.subarray(at, at + 4))
  let largest = 0
  for (let at = 0; at < before.data.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = read(before, at)
    const wanted = expected([red, green, blue], alpha, max)
    for (const [channel, value] of read(after, at).entries()) {
      const clamped = Math.max(0, Math.min(max, wanted[channel]!))
      largest = Math.max(largest, (Math.abs(value - clamped) / max) * 255)
    }
  }
  return largest
}

const KINDS: readonly Kind[] = ['rgb', 'rgba', 'grey', 'deep']

describe.each(KINDS)('operations on the colours of %s', (kind) => {
  it('linear gives a·x + b, of all channels or each, and leaves alpha', async () => {
    const one = await differenceTo(kind, { linear: { a: 1.2, b: -20 } }, (rgb, alpha, max) => [
      ...rgb.map((value) => 1.2 * value - (20 / 255) * max),
      alpha,
    ])
    expect(one).toBeLessThanOrEqual(1)
    const [a, b] = [
      [0.5, 1, 1.5],
      [10, 0, -30],
    ] as const
    const three = await differenceTo(kind, { linear: { a: [...a], b: [...b] } }, (rgb, alpha, max) => [
      ...rgb.map((value, channel) => a[channel]! * value + (b[channel]! / 255) * max),
      alpha,
    ])
    expect(three).toBeLessThanOrEqual(1)
  })

  it('recomb multiplies by its matrix, or a share of it', async () => {
    const matrix = [0.2, 0.5, 0.3, 0, 1.2, -0.1, 1, 0, 0]
    const rows = (rgb: Rgb, amount: number) =>
      [0, 1, 2].map((row) => {
        const full = [0, 1, 2].reduce((sum, column) => sum + matrix[3 * row + column]! * rgb[column]!, 0)
        return full * amount + rgb[row]! * (1 - amount)
      })
    for (const amount of [1, 0.4]) {
      const largest = await differenceTo(kind, { recomb: { matrix, amount } }, (rgb, alpha) => [
        ...rows(rgb, amount),
        alpha,
      ])
      expect(largest).toBeLessThanOrEqual(1)
    }
  })

  it('duotone maps luma to the line between two colours', async () => {
    const [dark, light] = [
      [0x10, 0x20, 0x60],
      [0xff, 0xcc, 0x66],
    ] as const
    const largest = await differenceTo(kind, { duotone: '102060:ffcc66' }, ([r, g, b], alpha, max) => {
      const luma = (0.2126 * r + 0.7152 * g + 0.0722 * b) / max
      return [...dark.map((value, at) => ((value + (light[at]! - value) * luma) / 255) * max), alpha]
    })
    expect(largest).toBeLessThanOrEqual(1)
  })

  it('unflatten makes white transparent, and leaves the rest', async () => {
    const source = await sharp(await makePicture(kind))
      .extend({ top: 5, background: 'white' })
      .png()
      .toBuffer()
    const before = await pixelsOf(source)
    const after = await makePixels(source, [{ unflatten: true }])
    const max = 255
    let wrong = 0
    for (let at = 0; at < before.data.length; at += 4) {
      const [r, g, b, alpha] = before.data.slice(at, at + 4)
      const isWhite = r === max && g === max && b === max
      const expected = isWhite ? 0 : alpha
      if (Math.abs((after.data[at + 3] ?? NaN) - (expected ?? NaN)) > max / 255) wrong++
    }
    expect(wrong).toBe(0)
    expect(after.data[3]).toBe(0)
  })
})
