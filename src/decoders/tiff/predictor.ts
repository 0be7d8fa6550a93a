import { LITTLE_ENDIAN_MACHINE, swapBytes } from './byte-order.js'

/** Rows of a block, and how their samples are stored. */
export interface PredictedRows {
  readonly rowBytes: number
  readonly bits: number
  /** Samples from one to the next of the same channel. */
  readonly stride: number
  readonly littleEndian: boolean
}

/** Values of the Predictor tag. */
const [DIFFERENCES, FLOATING_POINT] = [2, 3]

/**
 * Returns a block without its predictor (TIFF 6.0, section 14; for floating point Adobe's TIFF Technical Note 3).
 * Returns undefined if the predictor is unknown, or not defined for the depth.
 */
export function removePredictor(
  bytes: Uint8Array,
  predictor: number,
  rows: PredictedRows,
): Uint8Array | undefined {
  const { bits, rowBytes } = rows
  if (predictor === 1) return bytes
  if (predictor === DIFFERENCES && bits === 8) return addBytes(bytes, rowBytes, rows.stride)
  if (predictor === DIFFERENCES && [16, 32, 64].includes(bits)) return addNumbers(bytes, rows)
  if (predictor === FLOATING_POINT && [16, 24, 32, 64].includes(bits)) return joinPlanes(bytes, rows)
  return undefined
}

function addBytes(bytes: Uint8Array, rowBytes: number, stride: number): Uint8Array {
  const out = bytes.slice()
  for (let row = 0; row < out.length; row += rowBytes) {
    const end = Math.min(out.length, row + rowBytes)
    for (let at = row + stride; at < end; at++) out[at] = (out[at] ?? 0) + (out[at - stride] ?? 0)
  }
  return out
}

function addNumbers(bytes: Uint8Array, { rowBytes, bits, stride, littleEndian }: PredictedRows): Uint8Array {
  const size = bits / 8
  const out = bytes.slice(0, bytes.length - (bytes.length % size))
  const isSwapped = littleEndian !== LITTLE_ENDIAN_MACHINE
  if (isSwapped) swapBytes(out, bits)
  const rowSamples = rowBytes / size
  if (bits === 64) addBigNumbers(new BigUint64Array(out.buffer), rowSamples, stride)
  else {
    const numbers = bits === 16 ? new Uint16Array(out.buffer) : new Uint32Array(out.buffer)
    for (let row = 0; row < numbers.length; row += rowSamples) {
      const end = Math.min(numbers.length, row + rowSamples)
      for (let at = row + stride; at < end; at++)
        numbers[at] = (numbers[at] ?? 0) + (numbers[at - stride] ?? 0)
    }
  }
  if (isSwapped) swapBytes(out, bits)
  return out
}

function addBigNumbers(numbers: BigUint64Array, rowSamples: number, stride: number): void {
  for (let row = 0; row < numbers.length; row += rowSamples) {
    const end = Math.min(numbers.length, row + rowSamples)
    for (let at = row + stride; at < end; at++)
      numbers[at] = (numbers[at] ?? 0n) + (numbers[at - stride] ?? 0n)
  }
}

/** Each row holds the first bytes of all samples, then the second ones, from the most significant on. */
function joinPlanes(bytes: Uint8Array, { rowBytes, bits, stride, littleEndian }: PredictedRows): Uint8Array {
  const planes = addBytes(bytes, rowBytes, stride)
  const out = new Uint8Array(planes.length)
  const size = bits / 8
  const samples = Math.floor(rowBytes / size)
  for (let row = 0; row + rowBytes <= out.length; row += rowBytes) {
    for (let byte = 0; byte < size; byte++) {
      const place = littleEndian ? size - 1 - byte : byte
      const from = row + byte * samples
      for (let sample = 0; sample < samples; sample++) {
        out[row + sample * size + place] = planes[from + sample] ?? 0
      }
    }
  }
  return out
}
