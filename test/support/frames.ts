import sharp from 'sharp'
import { expect } from 'vitest'
import type { GeneratedAnimation } from '../../torture/grammar/gif.js'

/**
 * Expects the frames of an animation. The colour of a transparent pixel does not count.
 *
 * @param tolerance levels of 255 by which colours and alpha may differ.
 */
export async function expectFrames(
  bytes: Uint8Array,
  { width, height, frames }: GeneratedAnimation['expected'],
  tolerance: number,
  name: string,
): Promise<void> {
  const { data, info } = await sharp(bytes, { animated: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([info.width, info.height], name).toEqual([width, height * frames.length])
  for (const [index, frame] of frames.entries()) {
    const start = index * frame.length
    const wrong = frame.findIndex((value, at) => {
      const alphaAt = at - (at % 4) + 3
      if (frame[alphaAt] === 0 && data[start + alphaAt] === 0) return false
      return Math.abs(value - data[start + at]!) > tolerance
    })
    const at = wrong - (wrong % 4)
    const found = [...data.subarray(start + at, start + at + 4)]
    const wanted = [...frame.subarray(at, at + 4)]
    expect(wrong, `${name}, frame ${index}: ${found.join()} instead of ${wanted.join()}`).toBe(-1)
  }
}
