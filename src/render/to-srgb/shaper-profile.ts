import { isApplied, isWellFormed } from '../../metadata/icc-profile.js'
import type { Matrix } from '../../utils/matrix.js'
import { PARAMETER_COUNTS, type ToneCurve } from './tone-curve.js'

/** A profile of three curves and a matrix to XYZ, in the exact numbers of its file. */
export interface ShaperProfile {
  /** Curves of red, green and blue. */
  readonly curves: readonly ToneCurve[]
  /** The rows are X, Y and Z, the columns red, green and blue. */
  readonly matrix: Matrix
}

const HEADER_BYTES = 128
const ENTRY_BYTES = 12
/** lcms refuses profiles with more. */
const MAX_TAGS = 100
/** lcms refuses curves with more. */
const MAX_SAMPLES = 0x7fff
const CLASSES: ReadonlySet<string> = new Set(['mntr', 'scnr', 'prtr', 'spac'])
/** Conversions by lookup tables, which take precedence over the matrix. */
const LOOKUP_TABLES = /^(?:A2B|D2B)/

/**
 * Reads a profile of three curves and a matrix. Returns undefined for any other, and if there is something unusual about
 * it, which lcms may treat in a way of its own. (ICC.1:2022, sections 7, 8.3.3, 10.6, 10.18 and 10.31)
 */
export function readShaperProfile(icc: Uint8Array): ShaperProfile | undefined {
  if (!isWellFormed(icc) || !isApplied(icc)) return undefined
  const file = Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength)
  const text = (at: number) => file.toString('latin1', at, at + 4)
  const version = file[8]!
  if (version < 2 || !CLASSES.has(text(12)) || text(16) !== 'RGB ' || text(20) !== 'XYZ ') return undefined
  const count = file.readUInt32BE(HEADER_BYTES)
  if (count > MAX_TAGS) return undefined
  const tags = new Map<string, Buffer>()
  for (let index = 0; index < count; index++) {
    const at = HEADER_BYTES + 4 + ENTRY_BYTES * index
    const name = text(at)
    if (tags.has(name) || LOOKUP_TABLES.test(name)) return undefined
    const start = file.readUInt32BE(at + 4)
    tags.set(name, file.subarray(start, start + file.readUInt32BE(at + 8)))
  }
  const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => readXyz(tags.get(name)))
  const curves = ['rTRC', 'gTRC', 'bTRC'].map((name) => readCurve(tags.get(name)))
  if (!columns.every((column) => column !== undefined) || !curves.every((curve) => curve !== undefined))
    return undefined
  return { curves, matrix: [0, 1, 2].map((row) => columns.map((column) => column[row]!)) }
}

function readXyz(tag: Buffer | undefined): readonly number[] | undefined {
  if (tag === undefined || tag.length !== 20 || typeOf(tag) !== 'XYZ ') return undefined
  return [8, 12, 16].map((at) => readFixed(tag, at))
}

function readCurve(tag: Buffer | undefined): ToneCurve | undefined {
  if (tag === undefined || tag.length < 12) return undefined
  const type = typeOf(tag)
  if (type === 'para') return readFunction(tag)
  return type === 'curv' ? readSamples(tag) : undefined
}

function readFunction(tag: Buffer): ToneCurve | undefined {
  const type = tag.readUInt16BE(8)
  const count = PARAMETER_COUNTS[type]
  if (count === undefined || tag.length < 12 + 4 * count) return undefined
  return { type, parameters: Array.from({ length: count }, (_, index) => readFixed(tag, 12 + 4 * index)) }
}

function readSamples(tag: Buffer): ToneCurve | undefined {
  const count = tag.readUInt32BE(8)
  if (count > MAX_SAMPLES || tag.length < 12 + 2 * count) return undefined
  if (count === 0) return { type: 0, parameters: [1] }
  const samples = Uint16Array.from({ length: count }, (_, index) => tag.readUInt16BE(12 + 2 * index))
  // One number is an exponent in 256ths.
  return count === 1 ? { type: 0, parameters: [samples[0]! / 256] } : { samples }
}

function typeOf(tag: Buffer): string {
  return tag.toString('latin1', 0, 4)
}

function readFixed(tag: Buffer, at: number): number {
  return tag.readInt32BE(at) / 65536
}
