import { once } from 'node:events'
import { memoryUsage } from 'node:process'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { createDrain } from '../../../src/codec/workers/drain.js'

const MEGABYTE = 1024 * 1024

/** Drains forty megabytes without ever returning to the event loop, as the codec's threads do. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
const before = process.memoryUsage().arrayBuffers
const left = Array.from({ length: 40 }, () => {
  const memory = new ArrayBuffer(${MEGABYTE})
  workerData.postMessage(undefined, [memory])
  return memory.byteLength
})
parentPort.postMessage([Math.max(...left), process.memoryUsage().arrayBuffers - before])
`

describe('createDrain', () => {
  it('frees memory at once', async () => {
    const drain = createDrain()
    await once(drain, 'close')
    const before = memoryUsage().arrayBuffers
    for (let count = 0; count < 40; count++) {
      const memory = new ArrayBuffer(MEGABYTE)
      drain.postMessage(undefined, [memory])
      expect(memory.byteLength).toBe(0)
    }
    expect(memoryUsage().arrayBuffers - before).toBeLessThan(4 * MEGABYTE)
  })

  it('does so in a thread that does not run its event loop', async () => {
    const drain = createDrain()
    const worker = new Worker(THREAD, { eval: true, workerData: drain, transferList: [drain], execArgv: [] })
    const [[left, grown]] = (await once(worker, 'message')) as [readonly [number, number]]
    await worker.terminate()
    expect(left).toBe(0)
    expect(grown).toBeLessThan(4 * MEGABYTE)
  })
})
