/** A memory of the WebAssembly codec, for one request at a time. */
export interface CodecSlot {
  readonly memory: Uint8Array
  /** Calls a WebAssembly function on the request in the memory, of which deflated data are unpacked before. */
  readonly call: (name: WasmFunction, deflated?: DeflatedData) => Promise<WasmOutput>
  /** Bytes of the memory that have been used; the system backs only these. */
  usedBytes: number
}

export type WasmFunction = 'decode' | 'decodeScaled' | 'transcode' | 'encode' | 'scaleRows'

/** A zlib stream in the memory: its addresses, where its data go, and their bytes. */
export interface DeflatedData {
  readonly start: number
  readonly end: number
  readonly to: number
  readonly length: number
}

/** Start address of the output, 0 for none; its end; and the end of all memory used. */
export interface WasmOutput {
  readonly start: number
  readonly end: number
  readonly memoryEnd: number
}
