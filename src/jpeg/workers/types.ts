/** A memory of the WebAssembly codec, for one request at a time. */
export interface CodecSlot {
  readonly memory: Uint8Array
  /** Calls a WebAssembly function on the request in the memory. */
  readonly call: (name: WasmFunction) => Promise<WasmOutput>
  /** Bytes of the memory that have been used; the system backs only these. */
  usedBytes: number
}

export type WasmFunction = 'decode' | 'decodeScaled' | 'transcode' | 'encode'

/** Start address of the output, 0 for none; its end; and the end of all memory used. */
export interface WasmOutput {
  readonly start: number
  readonly end: number
  readonly memoryEnd: number
}
