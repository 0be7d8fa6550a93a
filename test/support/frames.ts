import sharp from 'sharp'
import { expect } from 'vitest'
import type { GeneratedAnimation } from '../../torture/grammar/gif.js'

type Expected = GeneratedAnimation['expected']

/** Expects the frames of an animated file. */
export async function expectFrames(bytes: Uint8Array, expected: Expected, name: string): Promise<void> {
  const image = sharp(bytes, { animated: true }).ensureAlpha().raw()
  const { data, info } = await image.toBuffer({ resolveWithObject: true })
  expect([info.width, info.height], name).toEqual([expected.width, expected.height * expected.frames.length])
  expectPixels(data, expected, 0, name)
}

/**
 * Expects the RGBA pixels of all frames. The colour of a transparent pixel does not count.
 *
 * @param tolerance levels of 255 by which alpha, and a colour times its alpha, may differ.
 */
export function expectPixels(data: Uint8Array, { frames }: Expected, tolerance: number, name: string): void {
  const wanted = Buffer.concat(frames)
  expect(data.length, name).toBe(wanted.length)
  const isWrong = (at: number) => {
    const [alpha, found] = [wanted[at + 3]!, data[at + 3]!]
    if (Math.abs(alpha - found) > tolerance) return true
    return [0, 1, 2].some((k) => Math.abs(wanted[at + k]! * alpha - data[at + k]! * found) / 255 > tolerance)
  }
  for (let at = 0; at < data.length; at += 4) {
    if (!isWrong(at)) continue
    const [found, right] = [data, wanted].map((pixels) => [...pixels.subarray(at, at + 4)].join())
    expect.fail(`${name}, pixel ${at / 4}: ${found} instead of ${right}`)
  }
}
