import type { Metadata } from 'sharp'
import type { RawPixels } from '../picture.js'

/** What a file says of its pixels, in sharp's words. */
export type Said = Pick<Metadata, 'icc' | 'orientation' | 'density' | 'resolutionUnit'>

const SHORT = 3
const LONG = 4
const RATIONAL = 5
const UNDEFINED = 7

const RGB = 2
const INCH = 2
/** Without a unit libvips takes a number for pixels a millimetre. */
const NO_UNIT = 1
const MILLIMETRES = 25.4

/** Bare pixels as a file that says of them what another said (TIFF 6.0; for the profile ICC.1, annex B.4). */
export function wrapInTiff({ width, height, channels, bytes }: RawPixels, said: Said): Buffer {
  const { icc, orientation = 1, density = 72, resolutionUnit } = said
  const depths = Buffer.from(Array.from({ length: channels }, () => [8, 0]).flat())
  const hasUnit = resolutionUnit !== undefined
  const resolution = Buffer.alloc(8)
  resolution.writeUInt32LE(density * 10, 0)
  resolution.writeUInt32LE((hasUnit ? 1 : MILLIMETRES) * 10, 4)
  // In the order of their tags, as they have to be.
  return joinTiff(bytes, [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, channels, depths],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, RGB],
    [273, LONG, 1, 'pixels'],
    [274, SHORT, 1, orientation],
    [277, SHORT, 1, channels],
    [278, LONG, 1, height],
    [279, LONG, 1, bytes.length],
    [282, RATIONAL, 1, resolution],
    [283, RATIONAL, 1, resolution],
    [296, SHORT, 1, hasUnit ? INCH : NO_UNIT],
    ...(icc === undefined ? [] : [[34675, UNDEFINED, icc.length, icc] as const]),
  ])
}

/** A value that lies in its entry, one that lies elsewhere, or where the pixels lie. */
type Entry = readonly [tag: number, type: number, count: number, value: number | Uint8Array | 'pixels']

function joinTiff(pixels: Uint8Array, entries: readonly Entry[]): Buffer {
  const head = Buffer.alloc(8 + 2 + entries.length * 12 + 4)
  head.write('II*\0', 'latin1')
  head.writeUInt32LE(8, 4)
  head.writeUInt16LE(entries.length, 8)
  const parts: Uint8Array[] = [head]
  let length = head.length
  const append = (part: Uint8Array) => {
    const place = length
    // Whatever an entry points to begins at an even place.
    parts.push(part, Buffer.alloc(part.length % 2))
    length += part.length + (part.length % 2)
    return place
  }
  entries.forEach(([tag, type, count, value], index) => {
    const at = 10 + index * 12
    head.writeUInt16LE(tag, at)
    head.writeUInt16LE(type, at + 2)
    head.writeUInt32LE(count, at + 4)
    const place = value === 'pixels' ? append(pixels) : typeof value === 'number' ? value : append(value)
    head.writeUInt32LE(place, at + 8)
  })
  return Buffer.concat(parts)
}
