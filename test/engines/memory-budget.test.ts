import { describe, expect, it } from 'vitest'
import { shareMemory } from '../../src/engines/memory-budget.js'

describe('the memory of a run', () => {
  it('is shared by its workers, and each process needs some for itself', () => {
    expect(shareMemory(1000e6, 0)).toBe(890e6)
    expect(shareMemory(1000e6, 1)).toBe(780e6)
    expect(shareMemory(1000e6, 2)).toBe(335e6)
  })

  it('is enough for a photo, whatever is given', () => {
    expect(shareMemory(1, 4)).toBe(64e6)
  })

  it('is a share of what is free unless given', () => {
    expect(shareMemory(undefined, 0)).toBeGreaterThan(64e6)
  })

  it.each([0, -1, Number.NaN])('is not %s', (memory) => {
    expect(() => shareMemory(memory, 0)).toThrow(expect.objectContaining({ code: 'INVALID_USAGE' }))
  })
})
