import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import type { OwnPixels } from './own/types.js'

/** Pixels changed before other work on the event loop gets its turn. */
const CHUNK_PIXELS = 2 ** 20

/** Three rows of factors for red, green and blue, and a number that is added to each; of values from 0 to 1. */
export interface ColourMatrix {
  readonly factors: readonly number[]
  readonly offsets: readonly [number, number, number]
}

/** Replaces each colour by a matrix of it. Alpha stays. */
export async function multiplyColours(
  pixels: OwnPixels,
  { factors, offsets }: ColourMatrix,
): Promise<OwnPixels> {
  const { data, channels, depth } = pixels
  const max = depth === 16 ? 65_535 : 255
  const [rr = 0, rg = 0, rb = 0, gr = 0, gg = 0, gb = 0, br = 0, bg = 0, bb = 0] = factors
  // Half a level rounds, since integer arrays cut off.
  const [r, g, b] = offsets.map((value) => value * max + 0.5) as [number, number, number]
  const clamp = (value: number) => (value < 0 ? 0 : value > max ? max : value)
  for (let start = 0; start < data.length; start += CHUNK_PIXELS * channels) {
    const end = Math.min(data.length, start + CHUNK_PIXELS * channels)
    for (let at = start; at < end; at += channels) {
      const red = data[at]!
      const green = data[at + 1]!
      const blue = data[at + 2]!
      data[at] = clamp(rr * red + rg * green + rb * blue + r)
      data[at + 1] = clamp(gr * red + gg * green + gb * blue + g)
      data[at + 2] = clamp(br * red + bg * green + bb * blue + b)
    }
    await yieldToEventLoop()
  }
  return pixels
}
