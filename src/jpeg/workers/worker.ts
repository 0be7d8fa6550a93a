import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ScaleDenominator, JpegSize, JpegTarget } from '../types.js'
import type { RawPixels, Size } from '../../picture.js'
import { readBaseline } from '../parser/baseline.js'
import { writeDecodeRequest, writePixels } from '../requests/decode-request.js'
import { isSameInTiles, writeEncodeRequest, writeResizeRequest } from '../requests/resize-request.js'
import type { BlockSize } from '../parser/subsampling.js'
import { canDecodeScans } from '../requests/scan-request.js'
import type { ProgressiveJpeg } from '../parser/progressive-scans.js'
import { JPEG_PAGES, JPEG_WASM } from './wasm.generated.js'
import { readProgressive } from '../parser/progressive.js'

/** A memory of a worker thread, for one request at a time. */
export interface WorkerSlot {
  readonly worker: Worker
  readonly memory: Uint8Array
  /** Calls a WebAssembly function on the request in the memory. */
  readonly call: (name: WasmFunction) => Promise<WasmOutput>
  /** Bytes of the memory that have been used; the system backs only these. */
  usedBytes: number
}

type WasmFunction = 'decode' | 'decodeScaled' | 'transcode' | 'encode'

/** Start address of the output, 0 for none; its end; and the end of all memory used. */
interface WasmOutput {
  readonly start: number
  readonly end: number
  readonly memoryEnd: number
}

/** Slots of a worker: the next request is written into one while the worker processes the other. */
const SLOTS_PER_WORKER = 2

/*
 * Source text, because Node 20 starts workers only from JavaScript files. V8 compiles the same WebAssembly once for all
 * threads, first with its baseline compiler and then, for functions in use, with its optimizing one.
 */
const WORKER_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads')
const { wasm, pages, slots } = workerData
const code = new WebAssembly.Module(wasm)
const memories = Array.from(
  { length: slots },
  () => new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
)
const instances = memories.map((memory) => new WebAssembly.Instance(code, { env: { memory } }).exports)
parentPort.on('message', ([index, name]) => {
  const { outputEnd, memoryEnd, ...functions } = instances[index]
  let start = 0
  try {
    start = functions[name]()
  } catch {}
  parentPort.postMessage([index, { start, end: outputEnd(), memoryEnd: memoryEnd() }])
})
parentPort.postMessage(memories.map(({ buffer }) => buffer))
`

/** Starts a worker and returns its slots. Rejects with the worker's error if it cannot start. */
export async function startWorker(): Promise<readonly WorkerSlot[]> {
  const worker = new Worker(WORKER_SOURCE, {
    eval: true,
    workerData: { wasm: Buffer.from(JPEG_WASM, 'base64'), pages: JPEG_PAGES, slots: SLOTS_PER_WORKER },
    // Without the program's flags, so that a loader such as tsx does not run in the worker.
    execArgv: [],
  })
  worker.unref()
  const [memories] = (await once(worker, 'message')) as [readonly SharedArrayBuffer[]] // its first message
  const call = connect(worker)
  return memories.map((memory, index) => ({
    worker,
    memory: new Uint8Array(memory),
    call: async (name) => call(index, name),
    usedBytes: 0,
  }))
}

/**
 * Returns a function that calls WebAssembly in a slot. It keeps the process alive during calls, and resolves to an empty output
 * if the worker exits.
 */
function connect(worker: Worker): (index: number, name: WasmFunction) => Promise<WasmOutput> {
  const pending = new Map<number, (output: WasmOutput) => void>()
  const settle = (index: number, output: WasmOutput) => {
    pending.get(index)?.(output)
    pending.delete(index)
    if (pending.size === 0) worker.unref()
  }
  worker.on('message', ([index, output]: [number, WasmOutput]) => settle(index, output))
  worker.once('exit', () => {
    for (const index of pending.keys()) settle(index, { start: 0, end: 0, memoryEnd: 0 })
  })
  // Without a listener, an error in an idle worker would end the process.
  worker.on('error', () => {})
  // Adding a message listener refs the worker.
  worker.unref()
  return async (index, name) =>
    new Promise((resolve) => {
      pending.set(index, resolve)
      worker.ref()
      worker.postMessage([index, name], [])
    })
}

/** Decodes a file to RGB pixels; resolves to undefined if it is not supported or damaged. */
export async function decodeIn(
  slot: WorkerSlot,
  bytes: Uint8Array,
  scaleDenominator: ScaleDenominator,
): Promise<RawPixels | undefined> {
  const size = writeRequest(slot, bytes, scaleDenominator)
  const pixels = size && (await callIn(slot, 'decode'))
  return pixels && { ...size, channels: 3, bytes: pixels }
}

/** Decodes and resizes a file to RGB pixels; resolves to undefined if it is not supported or damaged. */
export async function decodeScaledIn(
  slot: WorkerSlot,
  bytes: Uint8Array,
  scaleDenominator: ScaleDenominator,
  to: JpegSize,
): Promise<RawPixels | undefined> {
  const size = writeRequest(slot, bytes, scaleDenominator)
  if (size === undefined || !isSameInTiles(size, to) || !writeResizeRequest(slot.memory, size, to))
    return undefined
  const pixels = await callIn(slot, 'decodeScaled')
  return pixels && { width: to.width, height: to.height, channels: 3, bytes: pixels }
}

/** Decodes, resizes and encodes a file; resolves to undefined if it is not supported or damaged. */
export async function transcodeIn(
  slot: WorkerSlot,
  bytes: Uint8Array,
  scaleDenominator: ScaleDenominator,
  to: JpegTarget,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const size = writeRequest(slot, bytes, scaleDenominator)
  return size && writeTarget(slot.memory, size, to) ? callIn(slot, 'transcode') : undefined
}

/** Resizes and encodes RGB pixels; resolves to undefined if the memory is too small, or the resize is not supported. */
export async function encodeIn(
  slot: WorkerSlot,
  pixels: RawPixels,
  to: JpegTarget,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const isWritten = writePixels(slot.memory, pixels) && writeTarget(slot.memory, pixels, to)
  return isWritten ? callIn(slot, 'encode') : undefined
}

/** Writes the requests to resize and encode; returns false if sharp's output would differ, or the memory is too small. */
function writeTarget(memory: Uint8Array, from: Size, to: JpegTarget): boolean {
  // libvips resizes in tiles before it applies an orientation.
  if (!writeResizeRequest(memory, from, to) || (to.orientation !== 1 && !isSameInTiles(from, to)))
    return false
  writeEncodeRequest(memory, to)
  return true
}

/** Side of a decoded block at each scale. */
const BLOCK_SIZES = { 1: 8, 2: 4, 4: 2, 8: 1 } as const satisfies Record<ScaleDenominator, BlockSize>

/** Writes the request to decode; returns the output size, or undefined if the file is not supported. */
function writeRequest(
  { memory }: WorkerSlot,
  bytes: Uint8Array,
  scaleDenominator: ScaleDenominator,
): Size | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blockSize = BLOCK_SIZES[scaleDenominator]
  const jpeg = readBaseline(file) ?? readSupportedProgressive(file, blockSize)
  return jpeg && writeDecodeRequest(memory, file, jpeg, blockSize)
}

function readSupportedProgressive(file: Buffer, blockSize: BlockSize): ProgressiveJpeg | undefined {
  const jpeg = readProgressive(file)
  return jpeg && canDecodeScans(jpeg, blockSize) ? jpeg : undefined
}

/** Calls WebAssembly and copies its output, since the next request overwrites it. */
async function callIn(slot: WorkerSlot, name: WasmFunction): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { start, end, memoryEnd } = await slot.call(name)
  slot.usedBytes = Math.max(slot.usedBytes, memoryEnd)
  return start === 0 ? undefined : slot.memory.slice(start, end)
}
