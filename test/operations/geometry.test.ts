import { describe, expect, it } from 'vitest'
import {
  cornerOf,
  inPixels,
  largestOfAspect,
  placeBox,
  sameSize,
  scaleSize,
  wouldEnlarge,
} from '../../src/operations/geometry.js'
import type { Size } from '../../src/picture.js'
import { pictureOf } from '../support/planned.js'

const size = (text: string): Size => {
  const [width = 0, height = 0] = text.split('x').map(Number)
  return { width, height }
}

describe('inPixels', () => {
  it('returns pixels unchanged, and percentages rounded to whole pixels', () => {
    expect(inPixels(30, 200)).toBe(30)
    expect(inPixels('25%', 202)).toBe(51)
    expect(inPixels('25%', 201)).toBe(50)
    expect(inPixels('150%', 10)).toBe(15)
  })
})

describe('cornerOf', () => {
  it.each([
    ['centre', 0.5, 0.5],
    ['center', 0.5, 0.5],
    ['top', 0.5, 0],
    ['right', 1, 0.5],
    ['bottom', 0.5, 1],
    ['left', 0, 0.5],
    ['north', 0.5, 0],
    ['northeast', 1, 0],
    ['east', 1, 0.5],
    ['southeast', 1, 1],
    ['south', 0.5, 1],
    ['southwest', 0, 1],
    ['west', 0, 0.5],
    ['northwest', 0, 0],
  ] as const)('puts %s at %d, %d', (gravity, x, y) => {
    expect(cornerOf(gravity)).toEqual({ x, y })
  })
})

describe('placeBox', () => {
  it.each([
    ['northwest', 0, 0],
    ['centre', 10, 8],
    ['southeast', 21, 17],
    ['bottom', 10, 17],
  ] as const)('puts 10x4 inside 31x21 at %s, rounded down', (gravity, left, top) => {
    expect(placeBox(size('10x4'), size('31x21'), gravity)).toEqual({ left, top })
  })
})

describe('largestOfAspect', () => {
  it.each([
    [2, '100x100', '100x50'],
    [0.5, '100x100', '50x100'],
    [2, '100x50', '100x50'],
    [16 / 9, '100x100', '100x56'],
    [0.33, '10x20', '7x20'],
    [1000, '40x20', '40x1'],
    [0.001, '40x20', '1x20'],
  ])('cuts the aspect ratio %d out of %s as %s', (ratio, from, cut) => {
    expect(largestOfAspect(ratio, size(from))).toEqual(size(cut))
  })
})

describe('scaleSize', () => {
  it('rounds to whole pixels, at least 1x1', () => {
    expect(scaleSize(size('40x30'), 0.55)).toEqual(size('22x17'))
    expect(scaleSize(size('40x30'), 2)).toEqual(size('80x60'))
    expect(scaleSize(size('40x30'), 0.001)).toEqual(size('1x1'))
  })
})

describe('sameSize', () => {
  it('compares width and height', () => {
    expect(sameSize(size('40x30'), size('40x30'))).toBe(true)
    expect(sameSize(size('40x30'), size('41x30'))).toBe(false)
    expect(sameSize(size('40x30'), size('40x31'))).toBe(false)
  })
})

describe('wouldEnlarge', () => {
  it('is true if a side of a raster image grows', () => {
    const picture = pictureOf({ width: 40, height: 30 })
    expect(wouldEnlarge(picture, size('40x30'))).toBe(false)
    expect(wouldEnlarge(picture, size('41x3'))).toBe(true)
    expect(wouldEnlarge(picture, size('4x31'))).toBe(true)
    expect(wouldEnlarge({ ...picture, vector: true }, size('41x31'))).toBe(false)
  })
})
