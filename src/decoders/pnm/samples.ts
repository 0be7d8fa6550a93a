import { createCutOffError, createDamagedError } from '../errors.js'
import type { PixelOptions } from '../pixel-options.js'
import type { PnmHeader } from './header.js'

/** Samples between two pauses. */
const SAMPLES_AT_ONCE = 1 << 20

/** Reads the samples, scaled to 8 bits, or to 16 if the greatest value is above 255. Throws CORRUPT_IMAGE. */
export async function readSamples(
  file: Uint8Array,
  header: PnmHeader,
  { isLenient, pause }: PixelOptions,
): Promise<Uint8Array | Uint16Array> {
  const { width, height, channels, max, isInverted } = header
  const count = width * height * channels
  const missing = header.dataAt + leastBytes(header) - file.length
  if (missing > 0 && !isLenient) throw createCutOffError(`at least ${missing} bytes are`)
  const full = max > 255 ? 65_535 : 255
  const samples = max > 255 ? new Uint16Array(count) : new Uint8Array(count)
  const read = createReader(file, header)
  const scaled = Array.from({ length: max + 1 }, (_, value) =>
    Math.round(((isInverted ? max - value : value) * full) / max),
  )
  for (let at = 0; at < count; at++) {
    const value = read()
    if (value === undefined) {
      if (isLenient) break
      throw createCutOffError(`${count - at} of ${count} samples are`)
    }
    if (value > max && !isLenient)
      throw createDamagedError(`it has a value of ${value}, above its greatest of ${max}`)
    samples[at] = scaled[Math.min(value, max)]!
    if (at % SAMPLES_AT_ONCE === SAMPLES_AT_ONCE - 1) await pause()
  }
  return samples
}

/** Returns the bytes that the samples take at least. The digits of bits may stand together. */
function leastBytes({ width, height, channels, max, coding, isInverted }: PnmHeader): number {
  if (coding === 'bits') return Math.ceil(width / 8) * height
  const count = width * height * channels
  if (coding === 'text') return isInverted ? count : 2 * count - 1
  return count * (max > 255 ? 2 : 1)
}

/** Returns the next sample; undefined at the end. */
type ReadSample = () => number | undefined

function createReader(file: Uint8Array, header: PnmHeader): ReadSample {
  if (header.coding === 'text') return createTextReader(file, header)
  let at = header.dataAt
  if (header.coding === 'bits') return createBitReader(file, header)
  if (header.max > 255) {
    return () => {
      const low = file[at + 1]
      if (low === undefined) return undefined
      at += 2
      return (file[at - 2]! << 8) | low
    }
  }
  return () => file[at++]
}

function createBitReader(file: Uint8Array, { width, dataAt }: PnmHeader): ReadSample {
  const stride = Math.ceil(width / 8)
  let [x, row] = [0, 0]
  return () => {
    const byte = file[dataAt + row * stride + (x >> 3)]
    if (byte === undefined) return undefined
    const bit = (byte >> (7 - (x & 7))) & 1
    if (++x === width) [x, row] = [0, row + 1]
    return bit
  }
}

const [ZERO, NINE, HASH, NEWLINE, RETURN] = [0x30, 0x39, 0x23, 0x0a, 0x0d]

/** Reads decimal numbers between spaces and comments; in P1, single digits that may stand together. */
function createTextReader(file: Uint8Array, { dataAt, isInverted, max }: PnmHeader): ReadSample {
  let at = dataAt
  return () => {
    let byte = file[at]
    while (byte !== undefined && (byte < ZERO || byte > NINE)) {
      if (byte === HASH) while (byte !== undefined && byte !== NEWLINE && byte !== RETURN) byte = file[++at]
      else if (byte > 0x20) throw createDamagedError(`it has a character in place of a number at byte ${at}`)
      byte = file[++at]
    }
    if (byte === undefined) return undefined
    let value = byte - ZERO
    byte = file[++at]
    if (isInverted) return value
    while (byte !== undefined && byte >= ZERO && byte <= NINE) {
      // A number without an end must not grow beyond all limits.
      if (value <= max) value = value * 10 + byte - ZERO
      byte = file[++at]
    }
    return value
  }
}
