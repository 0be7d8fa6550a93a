import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { renderRendition } from '../../../src/render/render-rendition.js'
import { openImage } from '../../../src/image/open-image.js'
import { withDefaults } from '../../../src/image/limits.js'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { readOps } from '../../../src/operations/parse-operations.js'
import { makePicture, pixelAt, pixelsOf } from '../../support/pictures.js'

const solid = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()

/** Returns a reader of pixels of a grey picture after an operation. `red.png` is 20x10 and red by default. */
async function mark(op: ImageOp, width = 100, height = 80, overlay?: Buffer) {
  const red = overlay ?? (await solid(20, 10, '#ff0000'))
  const read = async (ref: string) =>
    ref === 'red.png' ? red : Promise.reject(new Error('there is no such file'))
  const image = await openImage(await solid(width, height, '#808080'), {
    limits: withDefaults(),
    failOn: 'error',
    read,
  })
  const { data } = await renderRendition(image, [op, { format: 'png' }])
  const { data: pixels } = await pixelsOf(data)
  return (x: number, y: number) => Array.from(pixels.slice((y * width + x) * 4, (y * width + x) * 4 + 3))
}

const RED = [255, 0, 0]
const GREY = [128, 128, 128]

describe('watermark', () => {
  it('is placed at the bottom right in its own size by default', async () => {
    const at = await mark({ watermark: 'red.png' })
    expect([at(80, 70), at(99, 79), at(79, 75), at(85, 69)]).toEqual([RED, RED, GREY, GREY])
  })

  it('applies position, margin and scale', async () => {
    const at = await mark({ watermark: { image: 'red.png', position: 'northwest', margin: 5, scale: 0.5 } })
    expect([at(5, 5), at(54, 29), at(4, 5), at(55, 20), at(20, 30)]).toEqual([RED, RED, GREY, GREY, GREY])
  })

  it('applies opacity and blend mode', async () => {
    const faded = await mark({ watermark: { image: 'red.png', opacity: 0.5 } })
    expect(faded(90, 75)[0]).toBeCloseTo(192, -1)
    expect(faded(90, 75)[1]).toBeCloseTo(64, -1)
    const multiplied = await mark({ watermark: { image: 'red.png', blend: 'multiply' } })
    expect(multiplied(90, 75)).toEqual([128, 0, 0])
  })

  it('repeats with a margin between tiles', async () => {
    const at = await mark({ watermark: { image: 'red.png', tile: true, margin: 10 } })
    const row = Array.from({ length: 80 }, (_, y) => at(50, y)).map(([, green]) => (green === 0 ? 'r' : 'g'))
    // 10 of every 20 rows are red.
    expect(row.filter((colour) => colour === 'r').length).toBe(40)
  })

  it.each([' ', '\n\t', '\u200B', '\u200D\u2060', '\u00AD', '\u2800', '\u3164', 'a\0b'])(
    'rejects text that draws nothing: %j',
    (text) => {
      expect(() => readOps([{ watermark: { text } }])).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPERATION',
          message: expect.stringMatching(/expected text with/),
        }),
      )
    },
  )

  it('draws text in a colour', async () => {
    const at = await mark({ watermark: { text: 'M&<b>', colour: '#0000ff', scale: 1, position: 'centre' } })
    const blue = Array.from({ length: 100 }, (_, x) =>
      Array.from({ length: 80 }, (_unused, y) => at(x, y)),
    ).flat()
    const count = blue.filter(([red, , b]) => b! > 200 && red! < 60).length
    expect(count).toBeGreaterThan(50)
    expect(count).toBeLessThan(4000)
  })

  it('draws characters that mean something in markup', async () => {
    const inkOf = async (text: string) => {
      const at = await mark({ watermark: { text, colour: '#0000ff', scale: 1 } })
      const all = Array.from({ length: 100 * 80 }, (_, index) => at(index % 100, Math.floor(index / 100)))
      return all.filter(([red, , blue]) => blue! > 200 && red! < 60).length
    }
    for (const character of ['<', '&']) expect(await inkOf(character)).toBeGreaterThan(10)
  })

  it('turns an image upright', async () => {
    const turned = await sharp(await solid(20, 10, '#ff0000'))
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer()
    const at = await mark({ watermark: 'red.png' }, 100, 80, turned)
    expect([at(90, 60), at(89, 70), at(95, 59)]).toEqual([RED, GREY, GREY])
  })

  it('converts a deep image with a profile to the colours of the picture', async () => {
    const deep = await sharp(await solid(20, 10, '#b43c3c'))
      .toColourspace('rgb16')
      .withIccProfile('p3')
      .png()
      .toBuffer()
    expect((await sharp(deep).metadata()).depth).toBe('ushort')
    const [red, green] = (await mark({ watermark: 'red.png' }, 100, 80, deep))(90, 75)
    expect(red).toBeCloseTo(180, -1)
    expect(green).toBeCloseTo(60, -1)
  })

  it('keeps 16 bits', async () => {
    const source = await makePicture('deep')
    const read = () => solid(4, 4, '#00ff00')
    const image = await openImage(source, { limits: withDefaults(), failOn: 'error', read })
    const { data } = await renderRendition(image, [{ watermark: 'dot.png' }, { format: 'png' }])
    expect(pixelAt(await pixelsOf(data), 48, 32)).toEqual(pixelAt(await pixelsOf(source), 48, 32))
  })

  it.each([
    [20, 10, {}],
    [24, 14, { margin: 2 }],
  ])('has just enough space in %ix%i with %j', async (width, height, more) => {
    const at = await mark({ watermark: { image: 'red.png', ...more } }, width, height)
    expect(at(width / 2, height / 2)).toEqual(RED)
  })

  it.each([
    [19, 10, 0, '19x10'],
    [20, 9, 0, '20x9'],
    [23, 14, 2, '19x10'],
    [24, 13, 2, '20x9'],
  ])('has too little space in %ix%i with a margin of %i', async (width, height, margin, space) => {
    await expect(mark({ watermark: { image: 'red.png', margin } }, width, height)).rejects.toThrow(
      `watermark: red.png (20x10) is larger than the space for it (${space}). Set a scale, such as 0.3`,
    )
  })

  it.each<[string, ImageOp, RegExp]>([
    [
      'larger than the picture',
      { watermark: 'red.png' },
      /^watermark: red\.png \(20x10\) is larger than the space for it \(10x8\)\. Set a scale/,
    ],
    [
      'missing',
      { watermark: 'blue.png' },
      /^watermark: image: blue\.png can't be used: there is no such file/,
    ],
  ])('rejects an image that is %s', async (_, op, message) => {
    await expect(mark(op, 10, 8)).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      message: expect.stringMatching(message),
    })
  })

  it('keeps an opaque picture opaque', async () => {
    const read = async () => solid(4, 4, '#00ff00')
    const image = await openImage(await solid(9, 9, '#000000'), {
      limits: withDefaults(),
      failOn: 'error',
      read,
    })
    const { info } = await renderRendition(image, [{ watermark: 'x' }, { format: 'png' }])
    expect(info.hasAlpha).toBe(false)
  })
})

describe('the text of a watermark', () => {
  const TEXT = 'One line and some more words'
  /** Returns the box of the bright pixels: left, right and height. */
  async function boxOf(mark: object): Promise<{ left: number; right: number; height: number }> {
    const black = await sharp({ create: { width: 400, height: 300, channels: 3, background: 'black' } })
      .png()
      .toBuffer()
    const ops = readOpsOf({ watermark: { text: TEXT, position: 'northwest', ...mark } })
    const image = await openImage(black, { limits: withDefaults(undefined), failOn: 'error' })
    const { data, width } = await pixelsOf((await renderRendition(image, [...ops, { format: 'png' }])).data)
    const bright = Array.from({ length: data.length / 4 }, (_, at) => at).filter((at) => data[4 * at]! > 100)
    const [xs, ys] = [bright.map((at) => at % width), bright.map((at) => Math.floor(at / width))]
    return { left: Math.min(...xs), right: Math.max(...xs), height: Math.max(...ys) - Math.min(...ys) }
  }
  const readOpsOf = (op: ImageOp): readonly ImageOp[] => [op]

  it('has the font size in pixels, and wraps within its width', async () => {
    const wide = await boxOf({ size: 20, width: '100%' })
    const narrow = await boxOf({ size: 20, width: 120 })
    expect(wide.height).toBeLessThan(30)
    expect(narrow.right).toBeLessThan(124)
    expect(narrow.height).toBeGreaterThan(1.8 * wide.height)
    const large = await boxOf({ size: 40, width: '100%', wrap: 'word' })
    expect(large.height).toBeGreaterThan(1.6 * wide.height)
  })

  it('is aligned to the left, the middle or the right of its lines', async () => {
    const aligned = async (align: string) => boxOf({ size: 20, width: 150, align })
    const [left, right] = [await aligned('left'), await aligned('right')]
    // Lines of another length begin elsewhere, so that the pictures differ, in boxes of one size.
    expect(Math.abs(left.height - right.height)).toBeLessThan(4)
    expect(Math.abs(left.right - left.left - (right.right - right.left))).toBeLessThan(6)
  })
})
