import { describe, expect, it } from 'vitest'
import { readOps } from '../../../src/operations/parse-operations.js'
import type { Picture } from '../../../src/picture.js'
import { opOf } from '../../support/inputs.js'
import { pictureOf, planned } from '../../support/planned.js'

const box = { width: 200, height: 200 }
const large = { width: 800, height: 800 }

/** Returns the size of 400x300 after an operation. */
function sizeAfter(name: string, input: unknown, change: Partial<Picture> = {}): string | undefined {
  const { op, params } = planned(name, input)
  const size = op.size(params, pictureOf(change))
  return size && `${size.width}x${size.height}`
}

describe('size after an operation', () => {
  it.each<[name: string, input: unknown, size: string | undefined]>([
    ['crop', '100x50@7x9', '100x50'],
    ['crop', { width: '50%', height: '0.01%' }, '200x1'],
    ['crop', { width: '0.01%', height: '50%' }, '1x150'],
    ['crop', { aspect: '1:1' }, '300x300'],
    ['crop', { aspect: 2 }, '400x200'],
    ['pad', 5, '410x310'],
    ['pad', '1x2x4x8', '410x305'],
    ['pad', '1:1', '400x400'],
    ['pad', '2:1', '600x300'],
    ['pad', '4:3', '400x300'],
    ['resize', 100, '100x75'],
    ['resize', 'x75', '100x75'],
    ['resize', '50%', '200x150'],
    ['resize', '0.01%', '1x1'],
    ['resize', 400, '400x300'],
    ['resize', 800, '400x300'],
    ['resize', { width: 800, enlarge: true }, '800x600'],
    ['resize', '200x200', '200x200'],
    ['resize', { ...box, fit: 'fill' }, '200x200'],
    ['resize', { ...box, fit: 'contain' }, '200x200'],
    ['resize', { ...box, fit: 'inside' }, '200x150'],
    ['resize', { ...box, fit: 'outside' }, '267x200'],
    ['resize', { width: 100, height: 225, fit: 'inside' }, '100x75'],
    ['resize', { width: 100, height: 225, fit: 'outside' }, '300x225'],
    ['resize', { width: 800, height: 200 }, '400x100'],
    ['resize', large, '300x300'],
    ['resize', { ...large, fit: 'contain' }, '800x800'],
    ['resize', { ...large, fit: 'fill' }, '400x300'],
    ['resize', { width: 800, height: 150, fit: 'fill' }, '400x150'],
    ['resize', { width: 200, height: 800, fit: 'fill' }, '200x300'],
    ['resize', { ...large, fit: 'outside' }, '400x300'],
    ['resize', { ...large, enlarge: true }, '800x800'],
    ['rotate', 0, '400x300'],
    ['rotate', 90, '300x400'],
    ['rotate', 180, '400x300'],
    ['rotate', -90, '300x400'],
    ['rotate', 30, undefined],
    ['thumbnail', 100, '100x75'],
    ['thumbnail', '200x75', '100x75'],
    ['thumbnail', { width: 100 }, '100x75'],
    ['thumbnail', { height: 75 }, '100x75'],
    ['thumbnail', 400, '400x300'],
    ['thumbnail', 800, '400x300'],
    ['thumbnail', '100x100:fit=cover', '100x100'],
    ['thumbnail', '800x800:fit=cover', '300x300'],
    ['thumbnail', { width: 100, fit: 'cover' }, '100x75'],
    ['thumbnail', { height: 75, fit: 'cover' }, '100x75'],
    ['trim', true, undefined],
    ['blur', 2, '400x300'],
    ['round', 5, '400x300'],
  ])('is predicted for 400x300 and %s %j: %s', (name, input, size) => {
    expect(sizeAfter(name, input)).toBe(size)
  })

  it.each<[name: string, input: unknown, size: string]>([
    ['thumbnail', 800, '800x600'],
    ['thumbnail', '800x800:fit=cover', '800x800'],
    ['resize', 800, '800x600'],
    ['resize', { ...large, fit: 'fill' }, '800x800'],
  ])('grows for a drawing and %s %j to %s', (name, input, size) => {
    expect(sizeAfter(name, input, { vector: true })).toBe(size)
  })
})

describe('check of an operation', () => {
  const outside = (box: string) => `${box} lies partly outside the picture, which is 400x300 here`
  const larger = (box: string) => `${box} is larger than the picture, which is 400x300 here`

  it.each<[name: string, input: unknown, reason: string | undefined]>([
    ['clahe', { width: 400, height: 300 }, undefined],
    ['clahe', { width: 401, height: 300 }, larger('a region of 401x300')],
    ['clahe', { width: 400, height: 301 }, larger('a region of 400x301')],
    ['median', 100, undefined],
    ['crop', '400x300', undefined],
    ['crop', '401x300', larger('401x300')],
    ['crop', '400x301', larger('400x301')],
    ['crop', '100x50@300x250', undefined],
    ['crop', '100x50@301x250', outside('100x50 at 301,250')],
    ['crop', '100x50@300x251', outside('100x50 at 300,251')],
    ['crop', { width: 100, height: 50, left: 301 }, outside('100x50 at 301,125')],
    ['crop', { width: 100, height: 50, top: 251 }, outside('100x50 at 150,251')],
    ['crop', { width: 100, height: 50, left: '75%', top: '10%' }, undefined],
    ['crop', { width: 100, height: 50, left: '76%', top: '10%' }, outside('100x50 at 304,30')],
    ['crop', { width: 100, height: 100, position: 'attention' }, undefined],
  ])('answers %s %j of 400x300 with %j', (name, input, reason) => {
    const { op, params } = planned(name, input)
    expect(op.check?.(params, pictureOf())).toBe(reason)
  })

  it('limits the square of median to the shorter side', () => {
    const { op, params } = planned('median', 9)
    expect(op.check?.(params, pictureOf({ width: 9, height: 9 }))).toBeUndefined()
    for (const [width, height] of [
      [8, 9],
      [9, 8],
    ] as const) {
      expect(op.check?.(params, pictureOf({ width, height }))).toBe(
        `a square of 9 is larger than the picture, which is ${width}x${height} here`,
      )
    }
  })
})

describe('parameters that contradict each other', () => {
  const either = 'expected either an aspect, or a width and height with optional left and top, got '
  const neither = 'expected a width and a height, or an aspect, got '
  const sides = 'expected pixels on at least one side, or an aspect, got '

  it.each<[name: string, input: object, sentence: string]>([
    ['crop', { width: 5 }, neither],
    ['crop', { height: 5 }, neither],
    ['crop', { left: 5, top: 5 }, neither],
    ['crop', { aspect: 1, width: 5 }, either],
    ['crop', { aspect: 1, height: 5 }, either],
    ['crop', { aspect: 1, left: 5 }, either],
    ['crop', { aspect: 1, top: 5 }, either],
    ['pad', {}, sides],
    ['pad', { fill: 'copy' }, sides],
    ['pad', { aspect: 1, top: 0 }, sides],
    ['pad', { aspect: 1, right: 1 }, sides],
    ['pad', { aspect: 1, bottom: 1 }, sides],
    ['pad', { aspect: 1, left: 1 }, sides],
    ['modulate', {}, 'expected at least one change, got '],
    ['modulate', { brightness: 1, hue: 0 }, 'expected at least one change, got '],
    ['normalize', { lower: 50, upper: 50 }, 'expected lower to be less than upper, got '],
    ['resize', {}, 'expected a width, a height or both, got '],
    ['thumbnail', { fit: 'cover' }, 'expected a width, a height or both, got '],
    ['watermark', {}, 'expected an image or a text, got '],
    ['watermark', { image: 'a.png', text: 'x' }, 'expected an image or a text, got '],
  ])('are rejected: %s %j', (name, input, sentence) => {
    const message = `${name}: ${sentence}${JSON.stringify(input)}`
    expect(() => readOps([opOf(name, input)])).toThrow(expect.objectContaining({ message }))
  })

  it.each<[name: string, input: unknown]>([
    ['modulate', { brightness: 1.1 }],
    ['modulate', { lightness: 10 }],
    ['normalize', { lower: 49, upper: 50 }],
    ['pad', { bottom: 1 }],
    ['crop', { aspect: 1 }],
  ])('are none in %s %j', (name, input) => {
    expect(readOps([opOf(name, input)])).toHaveLength(1)
  })

  it('include a search in a picture that is not cropped', () => {
    const resize = { ...box, fit: 'contain', position: 'entropy' }
    expect(() => readOps([opOf('resize', resize)])).toThrow(
      'resize: position: expected an edge or corner if fit is contain, got "entropy"',
    )
  })
})
