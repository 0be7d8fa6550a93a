import { describe, expect, it } from 'vitest'
import { memoryPerWorker } from '../../src/engines/memory-budget.js'

describe('the memory of a run', () => {
  it('is shared by its workers, and each process needs some for itself', () => {
    expect(memoryPerWorker(1000e6, 0)).toBe(890e6)
    expect(memoryPerWorker(1000e6, 1)).toBe(780e6)
    expect(memoryPerWorker(1000e6, 2)).toBe(335e6)
  })

  it('is enough for a photo, whatever is given', () => {
    expect(memoryPerWorker(1, 4)).toBe(64e6)
  })

  it('is a share of what is free unless given', () => {
    expect(memoryPerWorker(undefined, 0)).toBeGreaterThan(64e6)
  })

  it.each([0, -1, Number.NaN])('is not %s', (memory) => {
    expect(() => memoryPerWorker(memory, 0)).toThrow(expect.objectContaining({ code: 'INVALID_USAGE' }))
  })
})
