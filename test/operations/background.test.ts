import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { addsDeepAlpha, completeAlpha, fitBackground } from '../../src/operations/background.js'
import type { FromSrgb, OpContext } from '../../src/operations/define-operation.js'
import type { Picture } from '../../src/picture.js'
import { pictureOf } from '../support/planned.js'

const contextOf = (change: Partial<Picture>, fromSrgb?: FromSrgb): OpContext => ({
  from: pictureOf(change),
  to: pictureOf(change),
  read: () => Promise.reject(new Error('no files')),
  fromSrgb,
})

/** Returns an option that sharp has recorded. */
const optionOf = (image: Sharp, name: string): unknown =>
  Reflect.get(Reflect.get(image, 'options') as object, name)

const swap: FromSrgb = ([red, green, blue]) => [blue, red, green]

describe('fitBackground', () => {
  it.each<[string, Partial<Picture>, FromSrgb | undefined, number[]]>([
    ['does not change 8-bit sRGB', {}, undefined, [255, 128, 0, 255]],
    ['converts 8 bits to the profile', {}, swap, [0, 255, 128, 255]],
    ['sets sixteen bits in 256ths', { depth: 16 }, undefined, [65535 / 256, 32896 / 256, 0, 255]],
    [
      'scales alpha that the picture has',
      { depth: 16, alpha: true },
      undefined,
      [65535 / 256, 32896 / 256, 0, 65535 / 256],
    ],
    ['converts 16 bits to the profile', { depth: 16 }, swap, [0, 65535 / 256, 32896 / 256, 255]],
  ])('%s', (_, change, fromSrgb, expected) => {
    const image = sharp().resize({ width: 9, background: '#ff8000' })
    expect(fitBackground(image, 'resizeBackground', contextOf(change, fromSrgb))).toBe(image)
    expect(optionOf(image, 'resizeBackground')).toEqual(expected)
  })
})

describe('addsDeepAlpha', () => {
  it('is true for a translucent background of an opaque 16-bit picture', () => {
    expect(addsDeepAlpha('transparent', pictureOf({ depth: 16 }))).toBe(true)
    expect(addsDeepAlpha('white', pictureOf({ depth: 16 }))).toBe(false)
    expect(addsDeepAlpha('transparent', pictureOf({ depth: 16, alpha: true }))).toBe(false)
    expect(addsDeepAlpha('transparent', pictureOf({ depth: 8 }))).toBe(false)
  })
})

describe('completeAlpha', () => {
  const factor = 257 / 256

  it.each<[string, string, Partial<Picture>, number[], number[]]>([
    ['of RGB', 'transparent', { depth: 16 }, [1, 1, 1, factor], [0, 0, 0, 0]],
    ['of grey', 'transparent', { depth: 16, space: 'grey' }, [1, factor], [0, 0]],
    [
      'of grey that a colour makes RGB',
      '#f008',
      { depth: 16, space: 'grey' },
      [1, 1, 1, factor],
      [0, 0, 0, 0],
    ],
  ])(
    'makes 16 bits %s opaque with a linear factor for alpha only',
    (_, background, change, factors, offsets) => {
      const image = completeAlpha(sharp(), background, contextOf(change))
      expect([optionOf(image, 'linearA'), optionOf(image, 'linearB')]).toEqual([factors, offsets])
    },
  )

  it('does not change 8-bit pictures', () => {
    const image = sharp()
    expect(completeAlpha(image, 'transparent', contextOf({}))).toBe(image)
    expect(optionOf(image, 'linearA')).toEqual([])
  })
})
