import { describe, expect, it, vi } from 'vitest'
import { once } from '../../src/utils/once.js'

describe('once', () => {
  it('computes at the first call only, also if the value is undefined', () => {
    const compute = vi.fn<() => undefined>()
    const get = once(compute)
    expect(compute).not.toHaveBeenCalled()
    expect([get(), get()]).toEqual([undefined, undefined])
    expect(compute).toHaveBeenCalledTimes(1)
  })

  it('returns the same object each time', () => {
    const get = once(() => ({}))
    expect(get()).toBe(get())
  })

  it('computes again after an error', () => {
    let calls = 0
    const get = once(() => {
      if (++calls === 1) throw new Error('not yet')
      return calls
    })
    expect(get).toThrow('not yet')
    expect([get(), get()]).toEqual([2, 2])
  })
})
