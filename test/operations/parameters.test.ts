import { describe, expect, it } from 'vitest'
import {
  aspect,
  colour,
  isAspectText,
  isNeutral,
  isTranslucent,
  length,
  lengthFromEdge,
  number,
  toRatio,
  toSharpColour,
  whole,
} from '../../src/operations/parameters.js'
import { isSearched } from '../../src/operations/position.js'

/** Returns the messages of a schema for a value; empty if it accepts it. */
const refusals = (
  schema: ReturnType<typeof colour | typeof length | typeof number>,
  value: unknown,
): string[] => schema.safeParse(value).error?.issues.map((issue) => issue.message) ?? []

describe('number', () => {
  it('accepts a range with its ends', () => {
    const schema = number(0.5, 2)
    expect([0.5, 1.25, 2].map((value) => refusals(schema, value))).toEqual([[], [], []])
    for (const value of [0.49, 2.01, '1', Number.NaN])
      expect(refusals(schema, value)).toEqual(['a number from 0.5 to 2'])
  })
})

describe('whole', () => {
  it('accepts whole numbers of a range with its ends', () => {
    const schema = whole(1, 3)
    expect([1, 2, 3].map((value) => refusals(schema, value))).toEqual([[], [], []])
    for (const value of [0, 4, 1.5, '2'])
      expect(refusals(schema, value)).toEqual(['a whole number from 1 to 3'])
    expect(refusals(whole(1, 3, 'pixels'), 0)).toEqual(['a whole number of pixels from 1 to 3'])
  })
})

describe('length', () => {
  it('accepts pixels and percentages above 0', () => {
    for (const value of [1, 100_000, '0.1%', '250%']) expect(refusals(length(), value)).toEqual([])
    for (const value of ['0%', '-1%']) expect(refusals(length(), value)).toEqual(['a percentage above 0%'])
    expect(refusals(length(), '50')).toEqual(['a whole number of pixels, or a percentage such as 50%'])
    expect(length().safeParse(0).success).toBe(false)
  })

  it('accepts 0 as a distance from an edge', () => {
    for (const value of [0, '0%', '5%']) expect(refusals(lengthFromEdge(), value)).toEqual([])
    expect(refusals(lengthFromEdge(), '-1%')).toEqual(['a percentage of at least 0%'])
    expect(lengthFromEdge().safeParse(-1).success).toBe(false)
  })
})

describe('colour', () => {
  it.each([
    ['f80', '#f80'],
    ['f808', '#f808'],
    ['ff8800', '#ff8800'],
    ['FF880080', '#FF880080'],
    ['#f80', '#f80'],
    ['white', 'white'],
    ['rgb(1, 2, 3)', 'rgb(1, 2, 3)'],
  ])('passes %s to sharp as %s', (text, expected) => {
    expect(toSharpColour(text)).toBe(expected)
    expect(colour().safeParse(text).success).toBe(true)
  })

  it('passes transparent to sharp as channels', () => {
    expect(toSharpColour('transparent')).toEqual({ r: 0, g: 0, b: 0, alpha: 0 })
  })

  it.each(['ff', 'fffff', 'fffffff', 'fffffffff', 'xff', 'fffx', 'ffffffx', 'whiteish', ''])(
    'rejects %j',
    (text) => {
      expect(refusals(colour(), text)).toEqual([
        'a colour such as white, ff8800, #ff8800cc or transparent (quote one that is all digits)',
      ])
    },
  )
})

describe('isTranslucent', () => {
  it.each([
    ['transparent', true],
    ['white', false],
    ['fff', false],
    ['fffe', true],
    ['#fff0', true],
    ['ffff', false],
    ['FFFF', false],
    ['000f', false],
    ['f000', true],
    ['ffffff', false],
    ['ffffff80', true],
    ['ffffff0f', true],
    ['fffffff0', true],
    ['000000ff', false],
    ['#000000FF', false],
    ['rgb(1, 2, 3)', false],
    ['rgba(1, 2, 3, 0.5)', true],
    ['RGBA(1, 2, 3, 0.5)', true],
    ['hsl(120, 50%, 50%)', false],
    ['hsla(120, 50%, 50%, 0.5)', true],
    ['rgb(1 2 3 / 50%)', true],
  ])('says of %s: %j', (text, expected) => {
    expect(isTranslucent(text)).toBe(expected)
  })
})

describe('isNeutral', () => {
  it.each([
    ['white', true],
    ['Black', true],
    ['gray', true],
    ['grey', true],
    ['transparent', true],
    ['red', false],
    ['whitesmoke', false],
    ['lightgray', false],
    ['777', true],
    ['#777', true],
    ['7778', true],
    ['778', false],
    ['787', false],
    ['877', false],
    ['808080', true],
    ['#80808040', true],
    ['808081', false],
    ['808180', false],
    ['818080', false],
    ['112111', false],
    ['rgb(1, 1, 1)', false],
  ])('says of %s: %j', (text, expected) => {
    expect(isNeutral(text)).toBe(expected)
  })
})

describe('aspect', () => {
  it.each<[string | number, number]>([
    ['16:9', 16 / 9],
    ['3/2', 1.5],
    ['1.5', 1.5],
    ['16.5:9.25', 16.5 / 9.25],
    [0.5, 0.5],
  ])('reads %j as %d', (value, ratio) => {
    expect(aspect().parse(value)).toBe(String(value))
    expect(toRatio(value)).toBe(ratio)
  })

  it.each(['0:9', '16:0', '0', 0, -1, Number.POSITIVE_INFINITY, '16:9:4', 'a16:9', '16:9b', '16:', '.5'])(
    'rejects %j',
    (value) => {
      expect(
        aspect()
          .safeParse(value)
          .error?.issues.map((issue) => issue.message),
      ).toEqual(['an aspect ratio such as 16:9, 16/9 or 1.5'])
    },
  )

  it('is recognized in a shorthand by its sign', () => {
    expect(['16:9', '3/2'].map((text) => isAspectText(text))).toEqual([true, true])
    expect(['100x50', '1.5', 7].map((text) => isAspectText(text))).toEqual([false, false, false])
  })
})

describe('isSearched', () => {
  it('is true for positions that depend on the pixels', () => {
    expect((['attention', 'entropy', 'centre', 'north'] as const).map((at) => isSearched(at))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})
