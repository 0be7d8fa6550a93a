import { describe, expect, it } from 'vitest'
import { createPace } from '../../../src/stores/file/sync-when-fast.js'

/** Takes more than no time at all. */
function dawdle(): number {
  const started = performance.now()
  while (performance.now() === started);
  return 7
}

describe('the pace of a disk', () => {
  it('is quick until it has shown otherwise', () => {
    const pace = createPace(Infinity)
    expect(pace.time(dawdle)).toBe(7)
    expect(pace.isQuick()).toBe(true)
  })

  it('is slow where its answers take longer than the limit, and asked again now and then', () => {
    const pace = createPace(-1)
    for (let time = 0; time < 7; time++) pace.time(dawdle)
    const answers = Array.from({ length: 600 }, () => pace.isQuick())
    expect(answers.filter(Boolean).length).toBe(2)
    expect(answers[0]).toBe(false)
  })

  it('is quick as long as most answers are', () => {
    const pace = createPace(5)
    const linger = () => {
      const started = performance.now()
      while (performance.now() - started < 6);
    }
    for (let time = 0; time < 20; time++) pace.time(time % 4 === 0 ? linger : () => {})
    expect(pace.isQuick()).toBe(true)
  })

  it('takes many questions at once for more than one, but not for as many', () => {
    const pace = createPace(1e-9)
    pace.time(dawdle, 16)
    expect(pace.isQuick()).toBe(true)
    pace.time(dawdle, 16)
    expect(pace.isQuick()).toBe(false)
  })

  it('minds how long a failure took, too', () => {
    const pace = createPace(1e-9)
    expect(pace.isQuick()).toBe(true)
    for (let time = 0; time < 20; time++) {
      expect(() =>
        pace.time(() => {
          dawdle()
          throw new Error('no')
        }),
      ).toThrow('no')
    }
    expect(pace.isQuick()).toBe(false)
  })
})
