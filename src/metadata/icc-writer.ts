import {
  codesOf,
  type Chromaticity,
  type ColourPair,
  type Primaries,
  type ToneCurve,
} from './colour-description.js'
import { invert, multiply, transform, type Matrix, type Vector } from '../utils/matrix.js'

/** White of the profile connection space (ICC.1:2022, 7.2.16). */
const D50: Vector = [0.9642, 1, 0.8249]

/** Cone responses of the Bradford adaptation (ICC.1:2022, annex E). */
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
]

const HEADER_BYTES = 128

type Tag = readonly [signature: string, data: Buffer]

/**
 * Writes an ICC profile of three primaries and one tone curve. (ICC.1:2022, 8.3.3)
 *
 * Throws RangeError if no light can be mixed from the primaries.
 */
export function writeRgbProfile(primaries: Primaries, curve: ToneCurve): Buffer {
  const { toXyz, adaptation } = adaptToD50(primaries)
  const column = (at: number) => writeXyz(toXyz.map((row) => row[at]!))
  const shared = writeCurve(curve)
  const codes = codesOf({ primaries, transfer: curve })
  return writeProfile('RGB ', [
    ['chad', writeFixed('sf32', adaptation.flat())],
    ['rXYZ', column(0)],
    ['gXYZ', column(1)],
    ['bXYZ', column(2)],
    ['rTRC', shared],
    ['gTRC', shared],
    ['bTRC', shared],
    ...(codes === undefined ? [] : [['cicp', writeCodes(codes)] as const]),
  ])
}

/** Writes codes without a matrix, of full range. (ICC.1:2022, 10.3) */
function writeCodes({ primaries, transfer }: ColourPair): Buffer {
  return Buffer.concat([Buffer.from('cicp\0\0\0\0'), Buffer.from([primaries, transfer, 0, 1])])
}

/** Writes an ICC profile of one tone curve for grey. (ICC.1:2022, 8.3.4) */
export function writeGreyProfile(curve: ToneCurve): Buffer {
  return writeProfile('GRAY', [['kTRC', writeCurve(curve)]])
}

/** Returns the matrix of linear red, green and blue to XYZ. Throws RangeError if there is none. */
export function matrixToXyz({ red, green, blue, white }: Primaries): Matrix {
  const points = [red, green, blue].map(xyzOf)
  const columns = [0, 1, 2].map((row) => points.map((point) => point[row]!))
  const amounts = transform(invert(columns), xyzOf(white))
  return columns.map((row) => row.map((value, at) => value * amounts[at]!))
}

function adaptToD50(primaries: Primaries): { readonly toXyz: Matrix; readonly adaptation: Matrix } {
  const from = transform(BRADFORD, xyzOf(primaries.white))
  const scaled = BRADFORD.map((row, at) =>
    row.map((value) => (value * transform(BRADFORD, D50)[at]!) / from[at]!),
  )
  const adaptation = multiply(invert(BRADFORD), scaled)
  return { toXyz: multiply(adaptation, matrixToXyz(primaries)), adaptation }
}

/** Returns XYZ at a luminance of 1. Blue of ITU-T H.273, code 10 has none. */
function xyzOf([x, y]: Chromaticity): Vector {
  return y === 0 ? [x, y, 1 - x - y] : [x / y, 1, (1 - x - y) / y]
}

function writeProfile(space: 'RGB ' | 'GRAY', colour: readonly Tag[]): Buffer {
  const tags: readonly Tag[] = [
    ['desc', writeText('Colours of the source')],
    ['cprt', writeText('CC0')],
    ['wtpt', writeXyz(D50)],
    ...colour,
  ]
  const head = Buffer.alloc(HEADER_BYTES + 4 + 12 * tags.length)
  // Version 4.4, a monitor's.
  head.writeUInt32BE(0x04400000, 8)
  head.write(`mntr${space}XYZ `, 12, 'latin1')
  head.write('acsp', 36, 'latin1')
  writeXyz(D50).copy(head, 68, 8)
  head.writeUInt32BE(tags.length, HEADER_BYTES)
  const bodies: Buffer[] = []
  const places = new Map<Buffer, number>()
  let size = head.length
  for (const [index, [signature, data]] of tags.entries()) {
    const entry = HEADER_BYTES + 4 + 12 * index
    // Tags may share their data.
    const place = places.get(data) ?? size
    head.write(signature, entry, 'latin1')
    head.writeUInt32BE(place, entry + 4)
    head.writeUInt32BE(data.length, entry + 8)
    if (place !== size) continue
    places.set(data, place)
    bodies.push(data)
    size += data.length
  }
  head.writeUInt32BE(size)
  return Buffer.concat([head, ...bodies])
}

/** Writes a `para` tag. */
function writeCurve({ g, a, b, c, d }: ToneCurve): Buffer {
  const isPower = a === 1 && b === 0 && d === 0
  const tag = writeFixed('para', isPower ? [0, g] : [0, g, a, b, c, d])
  // The type of function takes the place of the first number.
  tag.writeUInt16BE(isPower ? 0 : 3, 8)
  return tag
}

function writeXyz(values: Vector): Buffer {
  return writeFixed('XYZ ', values)
}

/** Writes a tag of numbers of 16 bits before and behind the point. */
function writeFixed(type: string, values: readonly number[]): Buffer {
  const tag = Buffer.alloc(8 + 4 * values.length)
  tag.write(type, 'latin1')
  for (const [at, value] of values.entries()) tag.writeInt32BE(Math.round(value * 65536), 8 + 4 * at)
  return tag
}

/** Writes a `mluc` tag with one text in English. */
function writeText(text: string): Buffer {
  // The length is a multiple of 4, as that of every tag has to be.
  const tag = Buffer.alloc(28 + 4 * Math.ceil(text.length / 2))
  tag.write('mluc', 'latin1')
  tag.writeUInt32BE(1, 8)
  tag.writeUInt32BE(12, 12)
  tag.write('enUS', 16, 'latin1')
  tag.writeUInt32BE(2 * text.length, 20)
  tag.writeUInt32BE(28, 24)
  Buffer.from(text, 'utf16le').swap16().copy(tag, 28)
  return tag
}
