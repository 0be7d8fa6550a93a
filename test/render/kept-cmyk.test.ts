import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { addsInCorner, makeFlat, sampleAt } from '../support/flat-colours.js'
import { CMYK } from '../support/patches.js'
import { make } from '../support/pictures.js'

const KEEP: ImageOp = { metadata: 'icc' }

describe('kept CMYK profile', () => {
  const source = makeFlat(CMYK, 8)
  const geometry: ImageOp[] = [
    { crop: '20x20' },
    { crop: { width: 20, height: 20, position: 'attention' } },
    { thumbnail: { width: 20, height: 10, fit: 'cover' } },
    { resize: 20 },
    { flip: true },
    { flop: true },
    { rotate: 90 },
    { trim: true },
    { blur: 1 },
    { median: 3 },
    { flatten: 'red' }, // has no effect without alpha
    { pad: { top: 5, fill: 'mirror' } },
    { pad: { top: 5, fill: 'copy' } },
    { pad: { top: 5, fill: 'repeat' } },
  ]
  const others: ImageOp[] = [
    ...addsInCorner('red').map(([, op]) => op),
    { pad: 10 },
    { rotate: 45 },
    { resize: { width: 40, height: 60, fit: 'contain', enlarge: true } },
    { round: '50%' },
    { watermark: { text: 'x', scale: 1 } },
    { tint: 'red' },
    { negate: true },
    { gamma: 2 },
    { contrast: 1.5 },
    { normalize: true },
    { modulate: { saturation: 0.5, brightness: 1.2 } },
    { threshold: 128 },
    { grayscale: true },
    { clahe: 10 },
    { sharpen: 1 },
    { trim: { background: 'red' } },
  ]

  it.each(geometry.map((op) => [JSON.stringify(op), op] as const))('stays through %s', async (_, op) => {
    for (const type of ['jpeg', 'tiff'] as const) {
      const { data } = await make(source, [op, KEEP, { format: type }])
      expect((await sharp(data).metadata()).icc?.equals(CMYK.icc)).toBe(true)
      expect(await sampleAt(data, 5, 5)).toEqual(await sampleAt(source, 5, 5))
    }
  })

  it.each(others.map((op) => [JSON.stringify(op), op] as const))(
    'is dropped for %s, with the picture that is made without it',
    async (_, op) => {
      for (const type of ['jpeg', 'tiff'] as const) {
        const kept = await make(source, [op, KEEP, { format: type }])
        expect(await sharp(kept.data).metadata()).toMatchObject({ hasProfile: false })
        expect(kept.data).toEqual((await make(source, [op, { format: type }])).data)
      }
    },
  )

  it('is dropped for a white background, for a JPEG of the default background', async () => {
    for (const op of [{ pad: 10 }, { rotate: 45 }, { round: '50%' }] as const) {
      const { data } = await make(source, [op, KEEP, { format: 'jpeg' }])
      const [level = 0] = await sampleAt(data, 0, 0)
      expect(level).toBeGreaterThan(250)
    }
  })
})
