import { setImmediate } from 'node:timers/promises'
import { inflateSync } from 'node:zlib'
import pLimit from 'p-limit'
import { once } from '../../utils/once.js'
import { createDrain, LARGE } from './drain.js'
import type { CodecSlot, DeflatedData, WasmFunction } from './types.js'
import { JPEG_PAGES, JPEG_WASM } from './wasm.generated.js'

/** The codec in the caller's thread. */
export interface LocalCodec {
  /** Calls back when the thread is free, after it has handled waiting events. `run` resolves to undefined without SIMD. */
  inTurn<T>(callback: (run: RunLocally<T>) => Promise<T | undefined>): Promise<T | undefined>
  /** Frees the memory until the next call. */
  free(): void
  /** Returns the bytes of memory that are retained. */
  retainedBytes(): number
}

/** Runs work that blocks the thread. */
type RunLocally<T> = (work: (slot: CodecSlot) => Promise<T | undefined>) => Promise<T | undefined>

/** Creates a codec. It takes no memory until it is used. */
export function createLocalCodec(): LocalCodec {
  const limit = pLimit(1)
  let slot: CodecSlot | undefined
  const run = async <T>(work: (slot: CodecSlot) => Promise<T | undefined>) => {
    slot ??= createSlot()
    return slot && work(slot)
  }
  return {
    inTurn: async (callback) =>
      limit(async () => {
        await setImmediate()
        return callback(run)
      }),
    free() {
      slot = undefined
    },
    retainedBytes: () => slot?.usedBytes ?? 0,
  }
}

interface Memory {
  readonly buffer: SharedArrayBuffer
}

/** The part of the global object that is used. TypeScript declares it for browsers only. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => Memory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: { env: { memory: Memory } },
  ) => { readonly exports: object }
}

/** Exports of the WebAssembly module. */
type Codec = Readonly<Record<WasmFunction | 'outputEnd' | 'memoryEnd', () => number>>

/** Creates a memory whose calls run in this thread. Returns undefined on a system without SIMD. */
function createSlot(): CodecSlot | undefined {
  try {
    const memory = new WebAssembly.Memory({ initial: JPEG_PAGES, maximum: JPEG_PAGES, shared: true })
    const module = new WebAssembly.Module(Buffer.from(JPEG_WASM, 'base64'))
    const codec = new WebAssembly.Instance(module, { env: { memory } }).exports as Codec // our own module
    const bytes = new Uint8Array(memory.buffer)
    const call = async (name: WasmFunction, deflated?: DeflatedData) => {
      const start = deflated === undefined || unpack(bytes, deflated) ? zeroIfTrapped(codec[name]) : 0
      return { start, end: codec.outputEnd(), memoryEnd: codec.memoryEnd() }
    }
    return { memory: bytes, call, usedBytes: 0 }
  } catch {
    return undefined
  }
}

const drain = once(createDrain)

/** Unpacks data; returns false if they are damaged, or not as long as told. */
function unpack(memory: Uint8Array, { start, end, to, length }: DeflatedData): boolean {
  try {
    const data = inflateSync(memory.subarray(start, end), { chunkSize: length + 1, maxOutputLength: length })
    memory.set(data, to)
    const isWhole = data.length === length
    if (data.buffer.byteLength >= LARGE) drain().postMessage(undefined, [data.buffer])
    return isWhole
  } catch {
    return false
  }
}

/** Calls a function. A damaged file may make it trap; 0 stands for no output. */
function zeroIfTrapped(call: () => number): number {
  try {
    return call()
  } catch {
    return 0
  }
}
