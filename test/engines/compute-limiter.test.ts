import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createComputeLimiter } from '../../src/engines/compute-limiter.js'

/** Starts work that runs until `end` is called, and records the ids of started work in `started`. */
function setUp(options: Parameters<typeof createComputeLimiter>[0]) {
  const compute = createComputeLimiter(options)
  const started: number[] = []
  const ends = new Map<number, () => void>()
  const add = (id: number, bytes: number) =>
    compute(() => {
      started.push(id)
      return new Promise<number>((resolve) => ends.set(id, () => resolve(id)))
    }, bytes)
  const settle = () => new Promise(setImmediate)
  const end = async (id: number) => {
    ends.get(id)?.()
    await settle()
  }
  return { compute, add, started, end, settle }
}

describe('compute limiter', () => {
  it('runs as much work as there are slots', async () => {
    const { add, started, end, settle } = setUp({ slots: 2 })
    const all = [1, 2, 3].map((id) => add(id, 1))
    await settle()
    expect(started).toEqual([1, 2])
    await end(1)
    expect(started).toEqual([1, 2, 3])
    await end(2)
    await end(3)
    expect(await Promise.all(all)).toEqual([1, 2, 3])
  })

  it('starts the largest work that fits', async () => {
    const { add, started, end, settle } = setUp({ slots: 2, bytes: 100 })
    for (const [id, bytes] of [
      [1, 60],
      [2, 50],
      [3, 20],
      [4, 30],
    ] as const)
      void add(id, bytes)
    await settle()
    expect(started).toEqual([1, 3])
    await end(3)
    expect(started).toEqual([1, 3, 4])
    await end(1)
    expect(started).toEqual([1, 3, 4, 2])
  })

  it('runs work alone that is larger than the memory', async () => {
    const { add, started, end, settle } = setUp({ slots: 2, bytes: 100 })
    void add(1, 500)
    void add(2, 10)
    await settle()
    expect(started).toEqual([1])
    await end(1)
    expect(started).toEqual([1, 2])
  })

  it('starts large work after a limited number of smaller ones', async () => {
    const { add, started, end, settle } = setUp({ slots: 2, bytes: 100 })
    void add(0, 90)
    void add(1, 80)
    for (let id = 2; id < 40; id++) void add(id, 5)
    await settle()
    // Some of the small ones overtake the large one, but not all.
    for (let id = started.at(-1) ?? 0; id !== 0; id = started.at(-1) ?? 0) {
      const before = started.length
      await end(id)
      if (started.length === before) break
    }
    expect(started.length).toBeLessThan(20)
    expect(started).not.toContain(1)
    await end(0)
    expect(started).toContain(1)
  })

  it('counts reserved memory until it is released', async () => {
    const { compute, add, started, end, settle } = setUp({ slots: 3, bytes: 100 })
    const release = compute.reserve(50)
    void add(1, 40)
    void add(2, 30)
    await settle()
    expect(started).toEqual([1])
    release()
    await settle()
    expect(started).toEqual([1, 2])
    // Reserved memory does not block the only work.
    compute.reserve(100)
    void add(3, 30)
    await end(1)
    expect(started).toEqual([1, 2])
    await end(2)
    expect(started).toEqual([1, 2, 3])
  })

  it('subtracts the memory that caches retain at the moment', async () => {
    let retained = 70
    const { add, started, end, settle } = setUp({ slots: 3, bytes: 100, retainedBytes: () => retained })
    void add(1, 20)
    void add(2, 20)
    void add(3, 40)
    await settle()
    expect(started).toEqual([1])
    retained = 0
    await end(1)
    expect(started).toEqual([1, 3, 2])
  })

  it('continues after a failure', async () => {
    const compute = createComputeLimiter({ slots: 1 })
    const failing = compute(async () => Promise.reject(new Error('no')), 1)
    const after = compute(async () => 'well', 1)
    await expect(failing).rejects.toThrow('no')
    expect(await after).toBe('well')
  })

  it('never exceeds slots and memory, and finishes all work', async () => {
    const work = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(work, fc.integer({ min: 1, max: 4 }), async (weights, slots) => {
        const compute = createComputeLimiter({ slots, bytes: 100 })
        const inside: number[] = []
        const sum = () => inside.reduce((total, bytes) => total + bytes, 0)
        await Promise.all(
          weights.map((bytes) =>
            compute(async () => {
              inside.push(bytes)
              expect(inside.length).toBeLessThanOrEqual(slots)
              expect(inside.length === 1 || sum() <= 100).toBe(true)
              await new Promise(setImmediate)
              inside.splice(inside.indexOf(bytes), 1)
            }, bytes),
          ),
        )
        expect(inside).toEqual([])
      }),
    )
  })
})
