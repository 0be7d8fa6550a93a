import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { RawPixels } from '../core/types.js'
import { readBaseline } from './baseline-jpeg.js'
import { writeOrder } from './eighth-order.js'
import { EIGHTH_PAGES, EIGHTH_WASM } from './eighth-wasm.js'

/** A thread that decodes one file at a time. */
export interface EighthThread {
  readonly worker: Worker
  readonly memory: Uint8Array
  /** Bytes of it that have been used: the rest was never there. */
  used: number
}

/*
 * A text, since Node 20 starts workers only from JavaScript files. V8 compiles the same WebAssembly once for all threads,
 * first quickly and then, while that is in use, well.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const { wasm, pages } = workerData
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
const { decode } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } }).exports
parentPort.on('message', () => {
  let pixels = 0
  try {
    pixels = decode()
  } catch {}
  parentPort.postMessage(pixels)
})
parentPort.postMessage(memory.buffer)
`

/** Throws what the worker throws where it can't start. */
export async function startThread(): Promise<EighthThread> {
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { wasm: Buffer.from(EIGHTH_WASM, 'base64'), pages: EIGHTH_PAGES },
    // A loader that the program was started with has no business in there.
    execArgv: [],
  })
  worker.unref()
  const [memory] = (await once(worker, 'message')) as [SharedArrayBuffer] // the first that it says
  // Without a listener one that dies while it is idle would take the process along.
  worker.on('error', () => {})
  return { worker, memory: new Uint8Array(memory), used: 0 }
}

/** A file's pixels at an eighth of its size; undefined where it is no plain baseline JPEG, or anything is odd. */
export async function decodeIn(thread: EighthThread, bytes: Uint8Array): Promise<RawPixels | undefined> {
  const { worker, memory } = thread
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const jpeg = readBaseline(file)
  const size = jpeg && writeOrder(memory, file, jpeg)
  if (size === undefined) return undefined
  const pixels = await ask(worker)
  if (pixels === 0) return undefined
  const end = pixels + size.width * size.height * 3
  thread.used = Math.max(thread.used, end)
  // A copy, since the next picture is decoded there.
  return { ...size, channels: 3, bytes: memory.slice(pixels, end) }
}

/** Where a thread has put its pixels; 0 for none, also where it dies. */
async function ask(worker: Worker): Promise<number> {
  worker.ref()
  const answer = await new Promise<number>((done) => {
    const died = () => done(0)
    worker.once('exit', died)
    worker.once('message', (said: number) => {
      worker.off('exit', died)
      done(said)
    })
    worker.postMessage(undefined, [])
  })
  worker.unref()
  return answer
}
