import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { FromSrgb, OpContext, Rgb } from '../../src/operations/define-operation.js'
import { fitOverlay } from '../../src/operations/fit-overlay.js'
import { pictureOf } from '../support/planned.js'

const contextOf = (depth: 8 | 16, fromSrgb?: FromSrgb): OpContext => ({
  from: pictureOf({ depth }),
  to: pictureOf({ depth }),
  read: () => Promise.reject(new Error('no files')),
  fromSrgb,
})

/** Creates a PNG of one row of RGBA pixels. */
function rowOf(pixels: number[][]): Promise<Buffer> {
  return sharp(Buffer.from(pixels.flat()), { raw: { width: pixels.length, height: 1, channels: 4 } })
    .png()
    .toBuffer()
}

async function samplesOf(png: Buffer): Promise<{ depth: string; samples: number[] }> {
  const { depth } = await sharp(png).metadata()
  const deep = depth === 'ushort'
  const raw = await sharp(png)
    .toColourspace(deep ? 'rgb16' : 'srgb')
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer()
  return { depth, samples: [...(deep ? new Uint16Array(raw.buffer, raw.byteOffset, raw.length / 2) : raw)] }
}

describe('fitOverlay', () => {
  it('does not change an overlay of an 8-bit picture in sRGB', async () => {
    const png = await rowOf([[1, 2, 3, 4]])
    expect(await fitOverlay(png, contextOf(8))).toBe(png)
  })

  it('scales to all of the 16 bits', async () => {
    const png = await rowOf([
      [255, 128, 0, 255],
      [0, 1, 254, 128],
    ])
    expect(await samplesOf(await fitOverlay(png, contextOf(16)))).toEqual({
      depth: 'ushort',
      samples: [65535, 32896, 0, 65535, 0, 257, 65278, 32896],
    })
  })

  it('converts colours, but not alpha, to the profile of the picture', async () => {
    const seen: Rgb[] = []
    const swap: FromSrgb = (colour) => {
      seen.push(colour)
      return [colour[2], colour[0], colour[1]]
    }
    const png = await rowOf([
      [0, 0, 1, 9],
      [0, 0, 1, 255],
      [0, 1, 0, 9],
      [1, 0, 0, 9],
      [255, 128, 0, 77],
    ])
    expect(await samplesOf(await fitOverlay(png, contextOf(8, swap)))).toEqual({
      depth: 'uchar',
      samples: [1, 0, 0, 9, 1, 0, 0, 255, 0, 0, 1, 9, 0, 1, 0, 9, 0, 255, 128, 77],
    })
    // Equal neighbours are converted once.
    expect(seen).toHaveLength(4)
    expect(seen.at(-1)).toEqual([1, 128 / 255, 0])
  })
})
