import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { z } from 'zod'
import { once } from '../../../utils/once.js'
import { area, toBox } from '../../area.js'
import { defineOp } from '../../define-operation.js'
import type { Box } from '../../focal.js'
import type { OwnPixels } from '../../own/types.js'
import { whole } from '../../parameters.js'
import { takeWholePass } from '../../sharp-order.js'

const size = once(() => whole(2, 10_000, 'pixels'))

const params = () =>
  z.strictObject({
    size: size().default(16).describe('Side of a block, in pixels.'),
    regions: z
      .array(area())
      .min(1)
      .optional()
      .describe(
        'Areas to pixelate, such as `20%x30%@10%x15%` (size, then distance from left and top); by default all.',
      ),
  })

export const pixelate = defineOp({
  name: 'pixelate',
  summary: 'Replaces blocks, in the whole picture or in regions, by their average.',
  params,
  shorthand: {
    schema: () =>
      z.union([z.literal(true), size()], { error: 'true, or a whole number of pixels from 2 to 10000' }),
    read: (value) => (value === true ? {} : { size: value }),
  },
  example: 20,
  size: (_, from) => from,
  place: (_, pass) => takeWholePass(pass),
  apply: (image) => image,
  async edit(pixels, { size: block, regions }) {
    const all = regions?.map((region) => toBox(region, pixels)) ?? [{ ...sizeOf(pixels), left: 0, top: 0 }]
    for (const box of all) await pixelateBox(pixels, box, block)
    return pixels
  },
})

function sizeOf({ width, height }: OwnPixels) {
  return { width, height }
}

/** Averages the blocks of an area. The last ones of a row and a column may be smaller. */
async function pixelateBox(pixels: OwnPixels, box: Box, block: number): Promise<void> {
  const [right, bottom] = [box.left + box.width, box.top + box.height]
  for (let top = box.top; top < bottom; top += block) {
    for (let left = box.left; left < right; left += block)
      averageBlock(pixels, left, top, Math.min(right, left + block), Math.min(bottom, top + block))
    await yieldToEventLoop()
  }
}

/** Replaces a block by its average. Colours count by their alpha: those of transparent pixels are arbitrary. */
function averageBlock(pixels: OwnPixels, left: number, top: number, right: number, bottom: number): void {
  const { data, width, channels } = pixels
  let [red, green, blue, weight] = [0, 0, 0, 0]
  for (let y = top; y < bottom; y++)
    for (let at = (y * width + left) * channels, x = left; x < right; x++, at += channels) {
      const alpha = channels === 4 ? data[at + 3]! : 1
      red += data[at]! * alpha
      green += data[at + 1]! * alpha
      blue += data[at + 2]! * alpha
      weight += alpha
    }
  const sums = [red, green, blue]
  const average = sums.map((sum) => (weight === 0 ? 0 : Math.round(sum / weight)))
  if (channels === 4) average.push(Math.round(weight / ((right - left) * (bottom - top))))
  for (let y = top; y < bottom; y++)
    for (let at = (y * width + left) * channels, x = left; x < right; x++, at += channels)
      data.set(average, at)
}
