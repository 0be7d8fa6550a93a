import { describe, expect, it } from 'vitest'
import { didYouMean, nearest } from '../../src/utils/did-you-mean.js'

const NAMES = ['thumbnail', 'resize', 'rotate', 'flip', 'flop']

describe('nearest', () => {
  it.each([
    ['thumbnial', 'thumbnail'],
    ['RESIZE', 'resize'],
    ['rotat', 'rotate'],
    ['filp', 'flip'],
    ['flopp', 'flop'],
  ])('finds for %s the name %s', (word, name) => {
    expect(nearest(word, NAMES)).toBe(name)
  })

  it('prefers the closest candidate, and the first of two that are as close', () => {
    expect(nearest('flap', NAMES)).toBe('flip')
    expect(nearest('flap', ['flop', 'flip', 'flap'])).toBe('flap')
  })

  it.each(['sharpen', 'fl', ''])('finds nothing for "%s", which is too far from every name', (word) => {
    expect(nearest(word, NAMES)).toBeUndefined()
  })

  it('finds nothing without candidates', () => {
    expect(nearest('resize', [])).toBeUndefined()
  })
})

describe('didYouMean', () => {
  it('returns a sentence to append, with a space in front', () => {
    expect(didYouMean('rezise', new Set(NAMES))).toBe(' Did you mean "resize"?')
  })

  it('returns an empty text if no candidate is near', () => {
    expect(didYouMean('sharpen', NAMES)).toBe('')
  })
})
