import { describe, expect, it } from 'vitest'
import { createLatencyMonitor } from '../../../src/stores/file/sync-when-fast.js'

/** Takes more than 0 ms. */
function workBriefly(): number {
  const started = performance.now()
  while (performance.now() === started);
  return 7
}

describe('latency monitor', () => {
  it('is fast before the first measurement', () => {
    const monitor = createLatencyMonitor(Infinity)
    expect(monitor.measure(workBriefly)).toBe(7)
    expect(monitor.isFast()).toBe(true)
  })

  it('is slow if calls take longer than the limit, and is probed at intervals', () => {
    const monitor = createLatencyMonitor(-1)
    for (let time = 0; time < 7; time++) monitor.measure(workBriefly)
    const decisions = Array.from({ length: 600 }, () => monitor.isFast())
    expect(decisions.filter(Boolean).length).toBe(2)
    expect(decisions[0]).toBe(false)
  })

  it('is fast as long as most calls are', () => {
    const monitor = createLatencyMonitor(5)
    const workLong = () => {
      const started = performance.now()
      while (performance.now() - started < 6);
    }
    for (let time = 0; time < 20; time++) monitor.measure(time % 4 === 0 ? workLong : () => {})
    expect(monitor.isFast()).toBe(true)
  })

  it('weighs a group of calls more than one call, but less than as many', () => {
    const monitor = createLatencyMonitor(1e-9)
    monitor.measure(workBriefly, 16)
    expect(monitor.isFast()).toBe(true)
    monitor.measure(workBriefly, 16)
    expect(monitor.isFast()).toBe(false)
  })

  it('measures calls that throw, too', () => {
    const monitor = createLatencyMonitor(1e-9)
    expect(monitor.isFast()).toBe(true)
    for (let time = 0; time < 20; time++) {
      expect(() =>
        monitor.measure(() => {
          workBriefly()
          throw new Error('no')
        }),
      ).toThrow('no')
    }
    expect(monitor.isFast()).toBe(false)
  })
})
