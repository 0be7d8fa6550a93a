import { crc32 } from 'node:zlib'
import type { Random } from '../bench/random.js'
import type { Kind } from './input.js'
import { partsOf, type Part } from './parts.js'

/** Damages a copy of a file. */
export type Damage = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer

/** The kinds of damage, each as likely as the others. */
export const DAMAGES: Readonly<Record<Exclude<Kind, 'legal'>, Damage>> = {
  truncated: truncate,
  bits: flipBits,
  parts: shuffleParts,
  sizes: lieAboutSizes,
  spliced: splice,
}

/** Cuts the file off: half of the time near the end of a part, where decoders tend to be wrong by one. */
function truncate(bytes: Buffer, random: Random): Buffer {
  const parts = partsOf(bytes)
  const part = pick(parts, random)
  const at =
    part === undefined || random() < 0.5 ? below(bytes.length, random) : part[1] + below(7, random) - 3
  return Buffer.from(bytes.subarray(0, Math.max(0, Math.min(at, bytes.length))))
}

/** Flips one to eight bits, half of the time close to each other. */
function flipBits(bytes: Buffer, random: Random): Buffer {
  const damaged = Buffer.from(bytes)
  const close = random() < 0.5
  const start = below(bytes.length, random)
  for (let count = 1 + below(8, random); count > 0; count--) {
    const at = close ? Math.min(bytes.length - 1, start + below(16, random)) : below(bytes.length, random)
    damaged[at] = damaged[at]! ^ (1 << below(8, random))
  }
  return mend(damaged, random)
}

/** Repeats, removes, or swaps parts. */
function shuffleParts(bytes: Buffer, random: Random): Buffer {
  const parts = partsOf(bytes)
  const [one, other] = [pick(parts, random), pick(parts, random)]
  if (one === undefined || other === undefined) return flipBits(bytes, random)
  const [start, end] = one
  const choice = below(3, random)
  if (choice === 0) return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)])
  if (choice === 1) return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
  const [first, second] = start < other[0] ? [one, other] : [other, one]
  if (first[1] > second[0]) return Buffer.concat([bytes, bytes.subarray(start, end)])
  return Buffer.concat([
    bytes.subarray(0, first[0]),
    bytes.subarray(...second),
    bytes.subarray(first[1], second[0]),
    bytes.subarray(...first),
    bytes.subarray(second[1]),
  ])
}

const SIZES = [
  0, 1, 2, 3, 7, 8, 255, 256, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
]

/** Overwrites a number in the first 32 bytes of a part with one at the edge of a type. */
function lieAboutSizes(bytes: Buffer, random: Random): Buffer {
  const damaged = Buffer.from(bytes)
  const [start] = pick(partsOf(bytes), random) ?? [0]
  const at = start + below(32, random)
  const size = SIZES[below(SIZES.length, random)]!
  const width = [1, 2, 4][below(3, random)]!
  if (at + width > damaged.length) return flipBits(bytes, random)
  const value = size % 2 ** (8 * width)
  if (random() < 0.5) damaged.writeUIntBE(value, at, width)
  else damaged.writeUIntLE(value, at, width)
  return mend(damaged, random)
}

/** Joins the beginning of a file with the end of another one of the same format. */
function splice(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  const other = pick(others, random) ?? bytes
  const [from, to] = [pick(partsOf(bytes), random), pick(partsOf(other), random)]
  const end = from === undefined ? below(bytes.length, random) : from[1]
  const start = to === undefined ? below(other.length, random) : to[0]
  return Buffer.concat([bytes.subarray(0, end), other.subarray(start)])
}

/** Corrects the checksums of a PNG half of the time, so that the damage reaches further than the check. */
function mend(bytes: Buffer, random: Random): Buffer {
  if (random() < 0.5 || bytes.toString('latin1', 1, 4) !== 'PNG') return bytes
  for (const [start, end] of partsOf(bytes))
    bytes.writeUInt32BE(crc32(bytes.subarray(start + 4, end - 4)), end - 4)
  return bytes
}

function pick<T extends Buffer | Part>(list: readonly T[], random: Random): T | undefined {
  return list[below(list.length, random)]
}

/** Returns a whole number from 0 to below a limit. */
export function below(limit: number, random: Random): number {
  return Math.floor(random() * limit)
}
