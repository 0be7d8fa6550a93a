import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { make } from '../support/pictures.js'
import { addsInCorner, FLAT_SIZE, makeFlat, sampleAt } from '../support/flat-colours.js'
import { GREY, RGB } from '../support/patches.js'

const KEEP: ImageOp = { metadata: 'icc' }
let overlay: string
beforeAll(async () => {
  overlay = join(await mkdtemp(join(tmpdir(), 'overlay-')), 'overlay.png')
  const create = { width: 4, height: 4, channels: 3, background: '#ff0000' } as const
  await writeFile(overlay, await sharp({ create }).png().toBuffer())
})

const P3_RED = [234, 51, 35]

describe('colour added to a picture whose Display P3 profile is kept', () => {
  const [, p3] = RGB[0]!

  it.each(addsInCorner('red'))('is converted to the profile by %s, at 8 and 16 bits', async (_, op) => {
    for (const depth of [8, 16] as const) {
      const { data } = await make(makeFlat(p3, depth), [op, KEEP, { format: 'png' }])
      expect((await sharp(data).metadata()).icc?.equals(p3.icc)).toBe(true)
      const corner = await sampleAt(data, 0, 0)
      expect(corner.map((value) => Math.round(depth === 16 ? value / 257 : value))).toEqual(P3_RED)
      expect((await sampleAt(data, 25, 30))[0]).toBe(depth === 16 ? 31868 : 124)
    }
  })

  it('is converted to the profile by flatten, a watermark image, tiles and text', async () => {
    const cases: [ImageOp, Buffer][] = [
      [{ flatten: 'red' }, makeFlat(p3, 8, 124, true)],
      [{ watermark: { image: overlay, position: 'northwest' } }, makeFlat(p3, 8)],
      [{ watermark: { image: overlay, tile: true } }, makeFlat(p3, 8)],
      [{ watermark: { text: '█', scale: 1, colour: 'red', position: 'centre' } }, makeFlat(p3, 8)],
    ]
    for (const [op, source] of cases) {
      const { data } = await make(source, [op, KEEP, { format: 'png' }])
      const isText = 'watermark' in op && typeof op.watermark === 'object' && 'text' in op.watermark
      const shown = await sampleAt(data, isText ? 20 : 1, isText ? 20 : 1)
      expect(shown.slice(0, 3), JSON.stringify(op)).toEqual(P3_RED)
    }
  })

  it('stays the same if the profile is sRGB, or white', async () => {
    const [, linear] = RGB[3]!
    const white = await make(makeFlat(linear, 8), [
      { pad: { top: 9, background: 'white' } },
      KEEP,
      { format: 'png' },
    ])
    expect(await sampleAt(white.data, 0, 0)).toEqual([255, 255, 255])
    const plain = await make(makeFlat(p3, 8), [{ format: 'png' }])
    const srgb = await sharp(plain.data).withIccProfile('srgb').png().toBuffer()
    const { data } = await make(srgb, [{ pad: { top: 9, background: '#c80a1e' } }, KEEP, { format: 'png' }])
    expect(await sampleAt(data, 0, 0)).toEqual([200, 10, 30])
  })

  it('is converted on an animation', async () => {
    const frame = await sharp(makeFlat(p3, 8)).keepIccProfile().png().toBuffer()
    const other = await sharp(frame).keepIccProfile().negate().png().toBuffer()
    const animation = await sharp([frame, other], { join: { animated: true } })
      .keepIccProfile()
      .webp({ lossless: true })
      .toBuffer()
    const ops: ImageOp[] = [{ pad: { top: 9, background: 'red' } }, KEEP]
    const { data, info } = await make(animation, [...ops, { format: { type: 'webp', lossless: true } }])
    expect(info.pages).toBe(2)
    expect((await sampleAt(data, 0, 0)).slice(0, 3)).toEqual(P3_RED)
  })
})

describe('colour added to a picture with a grey profile', () => {
  const [, dotGain] = GREY[1]!

  it('is converted to the profile if it is neutral', async () => {
    const ops: ImageOp[] = [{ pad: { top: 9, background: '#7c7c7c' } }, KEEP, { format: 'png' }]
    for (const depth of [8, 16] as const) {
      const { data } = await make(makeFlat(dotGain, depth), ops)
      expect((await sharp(data).metadata()).icc?.equals(dotGain.icc)).toBe(true)
      const [above, below] = [(await sampleAt(data, 0, 0))[0]!, (await sampleAt(data, 0, 20))[0]!]
      expect(Math.abs(above - below)).toBeLessThanOrEqual(depth === 16 ? 30 : 1)
    }
  })

  it('converts the picture to sRGB if it is not neutral', async () => {
    for (const depth of [8, 16] as const) {
      for (const keep of [[], [KEEP]]) {
        const ops: ImageOp[] = [{ pad: { top: 9, background: 'red' } }, ...keep, { format: 'png' }]
        const { data } = await make(makeFlat(dotGain, depth), ops)
        const scale = depth === 16 ? 257 : 1
        expect(await sampleAt(data, 0, 0)).toEqual([255 * scale, 0, 0])
        const middle = (await sampleAt(data, 0, 20)).map((value) => Math.round(value / scale))
        expect(middle).toEqual([124, 124, 124])
      }
    }
  })
})

describe('colour added to a picture whose profile has lookup tables', () => {
  it('converts the picture to sRGB, unless it is white or transparent', async () => {
    const [, p3] = RGB[0]!
    const icc = Buffer.from(p3.icc)
    icc.write('A2B0', 132)
    const source = makeFlat({ ...p3, icc }, 8)
    const kept = async (background: string) => {
      const { data } = await make(source, [{ pad: { top: 9, background } }, KEEP, { format: 'png' }])
      return (await sharp(data).metadata()).hasProfile
    }
    expect([await kept('white'), await kept('transparent'), await kept('red')]).toEqual([true, true, false])
  })
})

describe('colour added to a 16-bit picture', () => {
  const [, linear] = RGB[3]!

  it.each(addsInCorner('white'))('is 65535 by %s if it is white, and a multiple of 257', async (name) => {
    for (const [colour, expected] of [
      ['white', [65535, 65535, 65535]],
      ['#c80a1e', [51400, 2570, 7710]],
    ] as const) {
      const [, op] = addsInCorner(colour).find(([other]) => other === name)!
      const { data } = await make(makeFlat(linear, 16), [op, { format: 'png' }])
      expect(await sampleAt(data, 0, 0)).toEqual(expected)
    }
  })

  it.each(addsInCorner('transparent'))('leaves the picture opaque after a transparent %s', async (name) => {
    for (const [colour, expected] of [
      ['transparent', 0],
      ['#c80a1e80', 128 * 257],
    ] as const) {
      const [, op] = addsInCorner(colour).find(([other]) => other === name)!
      const { data } = await make(makeFlat(linear, 16), [op, { format: 'png' }])
      expect((await sampleAt(data, 0, 0))[3]).toBe(expected)
      expect((await sampleAt(data, 25, 30))[3]).toBe(65535)
    }
  })

  it('is exact by flatten, a watermark image and tiles', async () => {
    const alpha = makeFlat(linear, 16, 124, true)
    const flat = await make(alpha, [{ flatten: '#c80a1e' }, { format: 'png' }])
    expect(await sampleAt(flat.data, 0, 0)).toEqual([51400, 2570, 7710])
    for (const mark of [
      { image: overlay, position: 'northwest' },
      { image: overlay, tile: true },
    ] as const) {
      const { data } = await make(makeFlat(linear, 16), [{ watermark: mark }, { format: 'png' }])
      expect(await sampleAt(data, 1, 1)).toEqual([65535, 0, 0])
    }
  })

  it('is the border that trim looks for at threshold 0', async () => {
    const ops: ImageOp[] = [
      { pad: { top: 9, background: 'white' } },
      { trim: { background: 'white', threshold: 0 } },
      { format: 'png' },
    ]
    expect((await make(makeFlat(linear, 16), ops)).info.height).toBe(FLAT_SIZE)
  })
})
