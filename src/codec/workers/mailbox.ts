import type { DeflatedData, WasmFunction, WasmOutput } from './types.js'

/*
 * Requests and outputs of a worker thread, in memory that both threads see. A message of Node.js each way takes 0.2 ms of
 * processor time, as much as a tenth of a small image; a number in shared memory takes half, and nothing if the thread is
 * awake.
 */

/** Functions by the number that stands for them in a request. */
export const FUNCTIONS = [
  'decode',
  'decodeScaled',
  'transcode',
  'encode',
  'scaleRows',
] as const satisfies readonly WasmFunction[]

/** Index of each number in a mailbox. Those after `FIRST` are repeated for each slot. */
export const MAILBOX = {
  /** Requests so far. The worker sleeps until it changes. */
  REQUESTS: 0,
  /** 1 after the worker has told that there are outputs, until the caller looks. */
  TOLD: 1,
  FIRST: 2,
  /** Numbers of a slot. */
  EACH: 7,
} as const

/** Index of each number of a slot, after its first. */
export const SLOT = {
  /** One of `STATE`. */
  STATE: 0,
  /** Number of the request, since the older one goes first. */
  ORDER: 1,
  /** Index in `FUNCTIONS`. */
  FUNCTION: 2,
  /** Deflated data: start, end, target and length. A length of 0 stands for none. Then the output: start, end, end of memory. */
  INFLATE: 3,
  OUTPUT: 3,
} as const

export const STATE = { FREE: 0, REQUESTED: 1, DONE: 2 } as const

/** The caller's end of a worker's mailbox. */
export interface Mailbox {
  /** Memory that the worker gets. */
  readonly shared: SharedArrayBuffer
  /** Puts a request into a free slot, and wakes the worker. */
  readonly request: (slot: number, name: WasmFunction, deflated: DeflatedData | undefined) => void
  /** Takes the outputs that are there. */
  readonly takeOutputs: () => { readonly slot: number; readonly output: WasmOutput }[]
}

/** Creates a mailbox for some slots. */
export function createMailbox(slots: number): Mailbox {
  const shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (MAILBOX.FIRST + slots * MAILBOX.EACH))
  const numbers = new Int32Array(shared)
  const at = (slot: number) => MAILBOX.FIRST + slot * MAILBOX.EACH
  return {
    shared,
    request(slot, name, deflated) {
      const first = at(slot)
      const { start = 0, end = 0, to = 0, length = 0 } = deflated ?? {}
      numbers[first + SLOT.ORDER] = Atomics.load(numbers, MAILBOX.REQUESTS)
      numbers[first + SLOT.FUNCTION] = FUNCTIONS.indexOf(name)
      numbers.set([start, end, to, length], first + SLOT.INFLATE)
      Atomics.store(numbers, first + SLOT.STATE, STATE.REQUESTED)
      Atomics.add(numbers, MAILBOX.REQUESTS, 1)
      Atomics.notify(numbers, MAILBOX.REQUESTS)
    },
    takeOutputs() {
      // Before the look: an output that comes later is told again.
      Atomics.store(numbers, MAILBOX.TOLD, 0)
      const outputs = []
      for (let slot = 0; slot < slots; slot++) {
        const first = at(slot)
        if (Atomics.load(numbers, first + SLOT.STATE) !== STATE.DONE) continue
        const [start = 0, end = 0, memoryEnd = 0] = numbers.subarray(first + SLOT.OUTPUT)
        Atomics.store(numbers, first + SLOT.STATE, STATE.FREE)
        outputs.push({ slot, output: { start, end, memoryEnd } })
      }
      return outputs
    },
  }
}
