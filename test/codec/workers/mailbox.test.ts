import { describe, expect, it } from 'vitest'
import { createMailbox, FUNCTIONS, MAILBOX, SLOT, STATE } from '../../../src/codec/workers/mailbox.js'

/** Answers a request as a worker does. */
function answer(shared: SharedArrayBuffer, slot: number, output: readonly number[]): void {
  const numbers = new Int32Array(shared)
  const first = MAILBOX.FIRST + slot * MAILBOX.EACH
  numbers.set(output, first + SLOT.OUTPUT)
  Atomics.store(numbers, first + SLOT.STATE, STATE.DONE)
}

describe('mailbox', () => {
  it('carries the requests of all slots, in their order', () => {
    const { shared, request } = createMailbox(3)
    request(2, 'scaleRows', { start: 5, end: 9, to: 100, length: 40 })
    request(0, 'transcode', undefined)
    const numbers = new Int32Array(shared)
    const slotAt = (slot: number) => [
      ...numbers.subarray(MAILBOX.FIRST + slot * MAILBOX.EACH, MAILBOX.FIRST + (slot + 1) * MAILBOX.EACH),
    ]
    expect(numbers[MAILBOX.REQUESTS]).toBe(2)
    expect(slotAt(2)).toEqual([STATE.REQUESTED, 0, FUNCTIONS.indexOf('scaleRows'), 5, 9, 100, 40])
    expect(slotAt(0)).toEqual([STATE.REQUESTED, 1, FUNCTIONS.indexOf('transcode'), 0, 0, 0, 0])
    expect(slotAt(1)[SLOT.STATE]).toBe(STATE.FREE)
  })

  it('gives each output once, and frees its slot', () => {
    const { shared, request, takeOutputs } = createMailbox(2)
    request(0, 'decode', undefined)
    request(1, 'decode', undefined)
    expect(takeOutputs()).toEqual([])
    answer(shared, 1, [10, 20, 30])
    expect(takeOutputs()).toEqual([{ slot: 1, output: { start: 10, end: 20, memoryEnd: 30 } }])
    expect(takeOutputs()).toEqual([])
    request(1, 'encode', undefined)
    answer(shared, 0, [1, 2, 3])
    answer(shared, 1, [4, 5, 6])
    expect(takeOutputs().map(({ output }) => output.start)).toEqual([1, 4])
  })

  it('lets the worker tell again after each look', () => {
    const { shared, takeOutputs } = createMailbox(1)
    const numbers = new Int32Array(shared)
    expect(Atomics.exchange(numbers, MAILBOX.TOLD, 1)).toBe(0)
    expect(Atomics.exchange(numbers, MAILBOX.TOLD, 1)).toBe(1)
    takeOutputs()
    expect(Atomics.exchange(numbers, MAILBOX.TOLD, 1)).toBe(0)
  })
})
