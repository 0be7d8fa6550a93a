import { LITTLE_ENDIAN_MACHINE, swapBytes } from './byte-order.js'

/** Samples of a row, as numbers. */
export type SampleRow = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array

/** Returns the samples of a row. */
export type SampleReader = (bytes: Uint8Array, at: number) => SampleRow

/** How samples are stored in a row. */
export interface SampleFormat {
  readonly bits: number
  readonly isFloat: boolean
  readonly littleEndian: boolean
  /** Samples of a row. */
  readonly count: number
}

/** Creates a reader. Its rows are only valid until the next call. */
export function createSampleReader({ bits, isFloat, littleEndian, count }: SampleFormat): SampleReader {
  if (bits === 8) return (bytes, at) => bytes.subarray(at, at + count)
  const Native = nativeArrayOf(bits, isFloat)
  if (Native !== undefined) {
    return (bytes, at) => {
      // A copy, since a typed array has to be aligned.
      const row = bytes.slice(at, at + (count * bits) / 8)
      if (littleEndian !== LITTLE_ENDIAN_MACHINE) swapBytes(row, bits)
      return new Native(row.buffer)
    }
  }
  const into = new Float64Array(count)
  if (bits % 8 !== 0) {
    return (bytes, at) => {
      readBits(bytes, at, into, bits)
      return into
    }
  }
  const size = bits / 8
  const read = isFloat ? floatReader(bits, littleEndian) : unsignedReader(bits, littleEndian)
  return (bytes, at) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let index = 0; index < count; index++) into[index] = read(view, at + index * size)
    return into
  }
}

function nativeArrayOf(bits: number, isFloat: boolean) {
  if (bits === 32) return isFloat ? Float32Array : Uint32Array
  if (bits === 64 && isFloat) return Float64Array
  return bits === 16 && !isFloat ? Uint16Array : undefined
}

/** Reads samples that are a stream of bits, most significant first. */
function readBits(bytes: Uint8Array, start: number, into: Float64Array, bits: number): void {
  let [at, held, heldBits] = [start, 0, 0]
  for (let index = 0; index < into.length; index++) {
    let [value, needed] = [0, bits]
    while (needed > 0) {
      if (heldBits === 0) [held, heldBits] = [bytes[at++] ?? 0, 8]
      const taken = Math.min(needed, heldBits)
      heldBits -= taken
      needed -= taken
      // Up to 31 bits, so no shift, which has 32 with a sign.
      value = value * (1 << taken) + ((held >> heldBits) & ((1 << taken) - 1))
    }
    into[index] = value
  }
}

type NumberReader = (view: DataView, at: number) => number

function unsignedReader(bits: number, littleEndian: boolean): NumberReader {
  switch (bits) {
    case 24:
      return (view, at) => readUint24(view, at, littleEndian)
    default:
      return (view, at) => Number(view.getBigUint64(at, littleEndian))
  }
}

function floatReader(bits: number, littleEndian: boolean): NumberReader {
  switch (bits) {
    case 16:
      return (view, at) => toFloat(view.getUint16(at, littleEndian), 5, 10)
    default:
      return (view, at) => toFloat(readUint24(view, at, littleEndian), 7, 16)
  }
}

function readUint24(view: DataView, at: number, littleEndian: boolean): number {
  const [first, second, third] = [view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2)]
  return littleEndian ? (third << 16) | (second << 8) | first : (first << 16) | (second << 8) | third
}

/** Decodes a floating-point number of 16 bits (IEEE 754) or 24 (Adobe's TIFF Technical Note 3). */
function toFloat(code: number, exponentBits: number, mantissaBits: number): number {
  const mantissa = code & ((1 << mantissaBits) - 1)
  const exponent = (code >> mantissaBits) & ((1 << exponentBits) - 1)
  const sign = code >> (mantissaBits + exponentBits) ? -1 : 1
  const bias = (1 << (exponentBits - 1)) - 1
  if (exponent === (1 << exponentBits) - 1) return mantissa === 0 ? sign * Infinity : NaN
  return exponent === 0
    ? sign * mantissa * 2 ** (1 - bias - mantissaBits)
    : sign * (1 + mantissa / (1 << mantissaBits)) * 2 ** (exponent - bias)
}
