import { describe, expect, it } from 'vitest'
import { memoryPerWorker } from '../../src/engines/memory-budget.js'

describe('memoryPerWorker', () => {
  it('divides the memory among the workers, less the memory of each process', () => {
    expect(memoryPerWorker(1000e6, 0)).toBe(890e6)
    expect(memoryPerWorker(1000e6, 1)).toBe(780e6)
    expect(memoryPerWorker(1000e6, 2)).toBe(335e6)
  })

  it('returns at least the memory for a photo', () => {
    expect(memoryPerWorker(1, 4)).toBe(64e6)
  })

  it('uses the available memory by default', () => {
    expect(memoryPerWorker(undefined, 0)).toBeGreaterThan(64e6)
  })

  it.each([0, -1, Number.NaN])('rejects %s', (memory) => {
    expect(() => memoryPerWorker(memory, 0)).toThrow(expect.objectContaining({ code: 'INVALID_USAGE' }))
  })
})
