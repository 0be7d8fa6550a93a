import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createMailbox, FUNCTIONS, MAILBOX, SLOT, STATE, type Mailbox } from './mailbox.js'
import { createDrain, LARGE } from './drain.js'
import type { CodecSlot, DeflatedData, WasmFunction, WasmOutput } from './types.js'
import { JPEG_PAGES, JPEG_WASM } from './wasm.generated.js'

/** A memory of a worker thread. */
export interface WorkerSlot extends CodecSlot {
  readonly worker: Worker
}

/** Slots of a worker: the next request is written into one while the worker processes the other. */
const SLOTS_PER_WORKER = 2

/*
 * Source text, because Node 20 starts workers only from JavaScript files. V8 compiles the same WebAssembly once for all
 * threads, first with its baseline compiler and then, for functions in use, with its optimizing one. The thread sleeps in
 * `Atomics.wait`, so that it never sees an event; `terminate` ends it all the same.
 */
const WORKER_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads')
const { inflateSync } = require('node:zlib')
const { wasm, pages, slots, mailbox, layout, drain } = workerData
const { FUNCTIONS, MAILBOX, SLOT, STATE, LARGE } = layout
const code = new WebAssembly.Module(wasm)
const memories = Array.from(
  { length: slots },
  () => new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
)
const instances = memories.map((memory) => new WebAssembly.Instance(code, { env: { memory } }).exports)
const numbers = new Int32Array(mailbox)
const firstOf = (slot) => MAILBOX.FIRST + slot * MAILBOX.EACH
const isBefore = (one, other) => ((numbers[one + SLOT.ORDER] - numbers[other + SLOT.ORDER]) | 0) < 0
function oldestRequest() {
  let oldest = -1
  for (let slot = 0; slot < slots; slot++) {
    if (Atomics.load(numbers, firstOf(slot) + SLOT.STATE) !== STATE.REQUESTED) continue
    if (oldest < 0 || isBefore(firstOf(slot), firstOf(oldest))) oldest = slot
  }
  return oldest
}
function unpack(memory, [start, end, to, length]) {
  if (length === 0) return
  const data = inflateSync(Buffer.from(memory.buffer, start, end - start), {
    chunkSize: length + 1,
    maxOutputLength: length,
  })
  if (data.length < length) throw new Error('too short')
  new Uint8Array(memory.buffer).set(data, to)
  if (data.buffer.byteLength >= LARGE) drain.postMessage(undefined, [data.buffer])
}
function answer(slot) {
  const first = firstOf(slot)
  const { outputEnd, memoryEnd, ...functions } = instances[slot]
  let start = 0
  try {
    unpack(memories[slot], numbers.subarray(first + SLOT.INFLATE))
    start = functions[FUNCTIONS[numbers[first + SLOT.FUNCTION]]]()
  } catch {}
  numbers.set([start, outputEnd(), memoryEnd()], first + SLOT.OUTPUT)
  Atomics.store(numbers, first + SLOT.STATE, STATE.DONE)
  if (Atomics.exchange(numbers, MAILBOX.TOLD, 1) === 0) parentPort.postMessage(undefined)
}
parentPort.postMessage(memories.map(({ buffer }) => buffer))
while (true) {
  // Before the look: a request that comes later changes it, and ends the sleep at once.
  const requests = Atomics.load(numbers, MAILBOX.REQUESTS)
  const slot = oldestRequest()
  if (slot < 0) Atomics.wait(numbers, MAILBOX.REQUESTS, requests)
  else answer(slot)
}
`

/** Starts a worker and returns its slots. Rejects with the worker's error if it cannot start. */
export async function startWorker(): Promise<readonly WorkerSlot[]> {
  const mailbox = createMailbox(SLOTS_PER_WORKER)
  const drain = createDrain()
  const worker = new Worker(WORKER_SOURCE, {
    eval: true,
    workerData: {
      wasm: Buffer.from(JPEG_WASM, 'base64'),
      pages: JPEG_PAGES,
      slots: SLOTS_PER_WORKER,
      mailbox: mailbox.shared,
      layout: { FUNCTIONS, MAILBOX, SLOT, STATE, LARGE },
      drain,
    },
    transferList: [drain],
    // Without the program's flags, so that a loader such as tsx does not run in the worker.
    execArgv: [],
  })
  worker.unref()
  const [memories] = (await once(worker, 'message')) as [readonly SharedArrayBuffer[]] // its first message
  const call = connect(worker, mailbox)
  return memories.map((memory, index) => ({
    worker,
    memory: new Uint8Array(memory),
    call: async (name, deflated) => call(index, name, deflated),
    usedBytes: 0,
  }))
}

/**
 * Returns a function that calls WebAssembly in a slot. It keeps the process alive during calls, and resolves to an empty output
 * if the worker exits.
 */
function connect(
  worker: Worker,
  mailbox: Mailbox,
): (index: number, name: WasmFunction, deflated: DeflatedData | undefined) => Promise<WasmOutput> {
  const pending = new Map<number, (output: WasmOutput) => void>()
  const settle = (index: number, output: WasmOutput) => {
    pending.get(index)?.(output)
    pending.delete(index)
    if (pending.size === 0) worker.unref()
  }
  worker.on('message', () => {
    for (const { slot, output } of mailbox.takeOutputs()) settle(slot, output)
  })
  worker.once('exit', () => {
    for (const index of pending.keys()) settle(index, { start: 0, end: 0, memoryEnd: 0 })
  })
  // Without a listener, an error in an idle worker would end the process.
  worker.on('error', () => {})
  // Adding a message listener refs the worker.
  worker.unref()
  return async (index, name, deflated) =>
    new Promise((resolve) => {
      pending.set(index, resolve)
      worker.ref()
      mailbox.request(index, name, deflated)
    })
}
