import { describe, expect, it } from 'vitest'
import { backoffDelay, waitUnlessAborted } from '../../src/utils/backoff.js'

describe('backoffDelay', () => {
  const longest = () => 1

  it('doubles its upper limit with each attempt', () => {
    const delays = [1, 2, 3, 4].map((attempt) =>
      backoffDelay(attempt, { firstDelay: 200, combine: 'longer' }, longest),
    )
    expect(delays).toEqual([200, 400, 800, 1600])
  })

  it('returns any delay between zero and the upper limit', () => {
    expect(backoffDelay(2, { firstDelay: 200, combine: 'add' }, () => 0)).toBe(0)
    expect(backoffDelay(2, { firstDelay: 200, combine: 'add' }, () => 0.25)).toBe(100)
    for (let times = 0; times < 100; times++) {
      const delay = backoffDelay(1, { firstDelay: 200, combine: 'add' })
      expect(delay).toBeGreaterThanOrEqual(0)
      expect(delay).toBeLessThan(200)
    }
  })

  it('adds the jittered delay to the requested wait, or takes the longer of the two', () => {
    const backoff = { firstDelay: 200, retryAfter: 1000 } as const
    expect(backoffDelay(1, { ...backoff, combine: 'add' }, longest)).toBe(1200)
    expect(backoffDelay(1, { ...backoff, combine: 'longer' }, longest)).toBe(1000)
    expect(backoffDelay(5, { ...backoff, combine: 'longer' }, longest)).toBe(3200)
  })

  it('never exceeds maxDelay, whatever the server asks for', () => {
    const backoff = { firstDelay: 200, maxDelay: 20_000, combine: 'longer' } as const
    expect(backoffDelay(30, backoff, longest)).toBe(20_000)
    expect(backoffDelay(1, { ...backoff, retryAfter: 3_600_000 }, longest)).toBe(20_000)
  })
})

describe('waitUnlessAborted', () => {
  it('waits for the given time', async () => {
    const started = performance.now()
    await waitUnlessAborted(30, undefined)
    expect(performance.now() - started).toBeGreaterThan(25)
  })

  it('resolves at once on an abort, before or during the wait', async () => {
    const controller = new AbortController()
    const waiting = waitUnlessAborted(60_000, controller.signal)
    controller.abort()
    await expect(waiting).resolves.toBeUndefined()
    await expect(waitUnlessAborted(60_000, AbortSignal.abort())).resolves.toBeUndefined()
  })
})
