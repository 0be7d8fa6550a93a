import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { openImage } from '../../src/image/open-image.js'
import { withDefaults } from '../../src/image/limits.js'
import { renderRendition } from '../../src/render/render-rendition.js'
import type { FocalRegion } from '../../src/operations/focal.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { fixture, makePicture, type Kind } from '../support/pictures.js'

const REGION: FocalRegion = { left: 0.25, top: 0.25, width: 0.25, height: 0.25 }
/** The region with its margin. */
const COVERED = { left: 0.2, top: 0.2, right: 0.55, bottom: 0.55 }
const HOW = ['blur', 'pixelate', 'fill'] as const

async function render(
  bytes: Uint8Array,
  ops: readonly ImageOp[],
  regions: readonly FocalRegion[] = [REGION],
) {
  const findRegions = async () => regions
  const image = await openImage(bytes, { limits: withDefaults({}), failOn: 'error', findRegions })
  return renderRendition(image, ops)
}

/** Returns the mean difference of two pictures from 0 to 1, inside of a box and outside. */
async function compare(a: Uint8Array, b: Uint8Array, { left, top, right, bottom }: typeof COVERED) {
  const [one, other] = await Promise.all([a, b].map((bytes) => readRgb16(bytes)))
  const { width, height, data } = one!
  const sums = { inside: [0, 0], outside: [0, 0] }
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / 4)
    const x = ((pixel % width) + 0.5) / width
    const y = (Math.floor(pixel / width) + 0.5) / height
    const sum = x > left && x < right && y > top && y < bottom ? sums.inside : sums.outside
    sum[0]! += Math.abs(data[at]! - other!.data[at]!) / 65535
    sum[1]!++
  }
  return { inside: sums.inside[0]! / sums.inside[1]!, outside: sums.outside[0]! / sums.outside[1]! }
}

async function readRgb16(bytes: Uint8Array) {
  const { data, info } = await sharp(bytes)
    .keepIccProfile()
    .ensureAlpha()
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
  return {
    width: info.width,
    height: info.height,
    data: new Uint16Array(data.buffer, data.byteOffset, data.length / 2),
  }
}

describe.each(HOW)('redact by %s', (how) => {
  const ops: readonly ImageOp[] = [
    { redact: { what: 'faces', how } },
    { format: 'png' },
    { metadata: 'keep' },
  ]

  it.each<Kind>(['rgb', 'rgba', 'grey', 'deep'])(
    'changes only the regions of a picture of kind %s',
    async (kind) => {
      const before = await makePicture(kind, 200, 160)
      const { data, info } = await render(before, ops)
      expect([info.width, info.height, info.hasAlpha]).toEqual([200, 160, kind === 'rgba'])
      const { inside, outside } = await compare(before, data, COVERED)
      expect(inside).toBeGreaterThan(0.01)
      expect(outside).toBeLessThan(0.002)
    },
  )

  it.each(['photos/display-p3.jpg', 'photos/grey.jpg'])(
    'keeps the colours of %s with its profile',
    async (file) => {
      const photo = await fixture(file)
      const plain = await render(photo, ops.slice(1))
      const { data } = await render(photo, ops)
      const { outside } = await compare(plain.data, data, COVERED)
      expect(outside).toBeLessThan(0.004)
      // Squares and blur keep the mean colour of what they cover.
      if (how === 'fill') return
      const mean = async (bytes: Uint8Array) => {
        const { width, height } = await sharp(bytes).metadata()
        const box = {
          left: Math.ceil(COVERED.left * width),
          top: Math.ceil(COVERED.top * height),
          width: Math.floor(0.34 * width),
          height: Math.floor(0.34 * height),
        }
        const { data: pixels, info } = await sharp(bytes)
          .keepIccProfile()
          .extract(box)
          .removeAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true })
        return Array.from({ length: info.channels }, (_, channel) => {
          let sum = 0
          for (let at = channel; at < pixels.length; at += info.channels) sum += pixels[at]!
          return sum / (pixels.length / info.channels)
        })
      }
      const [was, is] = [await mean(plain.data), await mean(data)]
      for (const [channel, value] of was.entries()) expect(Math.abs(value - is[channel]!)).toBeLessThan(6)
    },
  )

  it('leaves a picture without regions as it is', async () => {
    const before = await makePicture('rgb')
    for (const none of [[], [{ left: 0.5, top: 0.5, width: 0, height: 0 }]]) {
      const { data } = await render(before, ops, none)
      expect(await compare(before, data, COVERED)).toEqual({ inside: 0, outside: 0 })
    }
  })

  it('covers a hundred regions, those at the borders, and one of a single pixel', async () => {
    const many = Array.from({ length: 100 }, (_, index) => ({
      left: (index % 10) / 10,
      top: Math.floor(index / 10) / 10,
      width: 0.1,
      height: 0.1,
    }))
    const { info } = await render(await makePicture('rgb'), ops, many)
    expect(info.width).toBe(96)
    const tiny = { left: 0, top: 0, width: 1, height: 1 }
    expect((await render(await fixture('odd/one-pixel.png'), ops, [tiny])).info.width).toBe(1)
  })

  it('covers the regions where earlier operations have moved them', async () => {
    const before = await makePicture('rgb', 200, 160)
    const moved: ImageOp[] = [{ flop: true }, { crop: { width: 150, height: 120, left: 50, top: 0 } }]
    const plain = await render(before, [...moved, { format: 'png' }])
    const { data } = await render(before, [...moved, ...ops])
    // Flopped, x from 0.45 to 0.8 of 200 pixels is 90 to 160; less 50 of 150 it is 0.27 to 0.73.
    const { inside, outside } = await compare(plain.data, data, {
      left: 0.26,
      top: 0.26,
      right: 0.74,
      bottom: 0.74,
    })
    expect(inside).toBeGreaterThan(0.01)
    expect(outside).toBeLessThan(0.002)
  })

  it('covers the same place in all frames of an animation', async () => {
    const animation = await fixture('photos/animated.gif')
    const frames = async (list: readonly ImageOp[]) => {
      const { data } = await render(animation, [...list, { format: 'webp:lossless=true' }])
      const { pages = 1 } = await sharp(data).metadata()
      return Promise.all(Array.from({ length: pages }, (_, page) => sharp(data, { page }).png().toBuffer()))
    }
    const [plain, covered] = [await frames([]), await frames([{ redact: { how } }])]
    expect(covered).toHaveLength(plain.length)
    for (const [index, frame] of plain.entries()) {
      expect((await compare(frame, covered[index]!, COVERED)).outside).toBeLessThan(0.01)
    }
  })
})

describe('redact', () => {
  it('leaves nothing of fine detail inside', async () => {
    const board = Buffer.alloc(300 * 300 * 3)
    for (let at = 0; at < board.length; at++) {
      const pixel = Math.floor(at / 3)
      board[at] = ((pixel % 300) >> 2) % 2 === (Math.floor(pixel / 300) >> 2) % 2 ? 255 : 0
    }
    const picture = await sharp(board, { raw: { width: 300, height: 300, channels: 3 } })
      .png()
      .toBuffer()
    for (const how of HOW) {
      const { data } = await render(picture, [{ redact: { how } }, { format: 'png' }])
      const { channels } = await sharp(
        await sharp(data).extract({ left: 66, top: 66, width: 92, height: 92 }).png().toBuffer(),
      ).stats()
      for (const { stdev } of channels.slice(0, 3)) expect(stdev).toBeLessThan(40)
    }
  })

  it('fails where nobody finds regions, and with autoOrient off on a picture that lies on its side', async () => {
    const picture = await makePicture('rgb')
    const open = { limits: withDefaults({}), failOn: 'error' } as const
    await expect(
      renderRendition(await openImage(picture, open), [{ redact: 'faces' }]),
    ).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
    })
    const lying = await sharp(picture).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    await expect(render(lying, [{ autoOrient: false }, { redact: 'faces' }])).rejects.toThrow(
      'faces are found in the upright picture. Remove autoOrient: false',
    )
  })
})
