/** Reads the samples of a row as numbers. */
export type SampleReader = (bytes: Uint8Array, at: number, into: Float64Array) => void

/** How samples are stored in a row. */
export interface SampleFormat {
  readonly bits: number
  readonly isFloat: boolean
  readonly littleEndian: boolean
}

/** Returns a reader. A row has to hold as many samples as the array that it is read into. */
export function createSampleReader(format: SampleFormat): SampleReader {
  const { bits, isFloat, littleEndian } = format
  if (bits === 8) {
    return (bytes, at, into) => {
      for (let index = 0; index < into.length; index++) into[index] = bytes[at + index] ?? 0
    }
  }
  if (bits % 8 !== 0) return (bytes, at, into) => readBits(bytes, at, into, bits)
  const size = bits / 8
  const read = isFloat ? floatReader(bits, littleEndian) : unsignedReader(bits, littleEndian)
  return (bytes, at, into) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let index = 0; index < into.length; index++) into[index] = read(view, at + index * size)
  }
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
    case 16:
      return (view, at) => view.getUint16(at, littleEndian)
    case 24:
      return (view, at) => readUint24(view, at, littleEndian)
    case 32:
      return (view, at) => view.getUint32(at, littleEndian)
    default:
      return (view, at) => Number(view.getBigUint64(at, littleEndian))
  }
}

function floatReader(bits: number, littleEndian: boolean): NumberReader {
  switch (bits) {
    case 16:
      return (view, at) => toFloat(view.getUint16(at, littleEndian), 5, 10)
    case 24:
      return (view, at) => toFloat(readUint24(view, at, littleEndian), 7, 16)
    case 32:
      return (view, at) => view.getFloat32(at, littleEndian)
    default:
      return (view, at) => view.getFloat64(at, littleEndian)
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
