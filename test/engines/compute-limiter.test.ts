import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createComputeLimiter } from '../../src/engines/compute-limiter.js'

/** Work that goes on until it is told to end; what entered, in its order. */
function setUp(options: Parameters<typeof createComputeLimiter>[0]) {
  const gate = createComputeLimiter(options)
  const entered: number[] = []
  const ends = new Map<number, () => void>()
  const enter = (id: number, bytes: number) =>
    gate(() => {
      entered.push(id)
      return new Promise<number>((resolve) => ends.set(id, () => resolve(id)))
    }, bytes)
  const settle = () => new Promise(setImmediate)
  const end = async (id: number) => {
    ends.get(id)?.()
    await settle()
  }
  return { gate, enter, entered, end, settle }
}

describe('a gate', () => {
  it('lets in as many as there are slots', async () => {
    const { enter, entered, end, settle } = setUp({ slots: 2 })
    const all = [1, 2, 3].map((id) => enter(id, 1))
    await settle()
    expect(entered).toEqual([1, 2])
    await end(1)
    expect(entered).toEqual([1, 2, 3])
    await end(2)
    await end(3)
    expect(await Promise.all(all)).toEqual([1, 2, 3])
  })

  it('takes the heaviest that fits', async () => {
    const { enter, entered, end, settle } = setUp({ slots: 2, bytes: 100 })
    for (const [id, bytes] of [
      [1, 60],
      [2, 50],
      [3, 20],
      [4, 30],
    ] as const)
      void enter(id, bytes)
    await settle()
    expect(entered).toEqual([1, 3])
    await end(3)
    expect(entered).toEqual([1, 3, 4])
    await end(1)
    expect(entered).toEqual([1, 3, 4, 2])
  })

  it('lets in alone what is heavier than all it may hold', async () => {
    const { enter, entered, end, settle } = setUp({ slots: 2, bytes: 100 })
    void enter(1, 500)
    void enter(2, 10)
    await settle()
    expect(entered).toEqual([1])
    await end(1)
    expect(entered).toEqual([1, 2])
  })

  it('lets nobody wait for ever', async () => {
    const { enter, entered, end, settle } = setUp({ slots: 2, bytes: 100 })
    void enter(0, 90)
    void enter(1, 80)
    for (let id = 2; id < 40; id++) void enter(id, 5)
    await settle()
    // The light ones pass the heavy one, but not all of them.
    for (let id = entered.at(-1) ?? 0; id !== 0; id = entered.at(-1) ?? 0) {
      const before = entered.length
      await end(id)
      if (entered.length === before) break
    }
    expect(entered.length).toBeLessThan(20)
    expect(entered).not.toContain(1)
    await end(0)
    expect(entered).toContain(1)
  })

  it('counts what is held between turns, until it is given back', async () => {
    const { gate, enter, entered, end, settle } = setUp({ slots: 3, bytes: 100 })
    const release = gate.reserve(50)
    void enter(1, 40)
    void enter(2, 30)
    await settle()
    expect(entered).toEqual([1])
    release()
    await settle()
    expect(entered).toEqual([1, 2])
    // With nothing else in work what is held keeps nobody waiting.
    gate.reserve(100)
    void enter(3, 30)
    await end(1)
    expect(entered).toEqual([1, 2])
    await end(2)
    expect(entered).toEqual([1, 2, 3])
  })

  it('leaves out what somebody else has at the moment', async () => {
    let others = 70
    const { enter, entered, end, settle } = setUp({ slots: 3, bytes: 100, retainedBytes: () => others })
    void enter(1, 20)
    void enter(2, 20)
    void enter(3, 40)
    await settle()
    expect(entered).toEqual([1])
    others = 0
    await end(1)
    expect(entered).toEqual([1, 3, 2])
  })

  it('goes on after a failure', async () => {
    const gate = createComputeLimiter({ slots: 1 })
    const failing = gate(async () => Promise.reject(new Error('no')), 1)
    const after = gate(async () => 'well', 1)
    await expect(failing).rejects.toThrow('no')
    expect(await after).toBe('well')
  })

  it('never holds more than it may, and ends all', async () => {
    const work = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(work, fc.integer({ min: 1, max: 4 }), async (weights, slots) => {
        const gate = createComputeLimiter({ slots, bytes: 100 })
        const inside: number[] = []
        const sum = () => inside.reduce((total, bytes) => total + bytes, 0)
        await Promise.all(
          weights.map((bytes) =>
            gate(async () => {
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
