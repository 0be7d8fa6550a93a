import { jpegSegments } from './containers/jpeg.js'

const DQT = 0xdb
const NUMBERS = 64

/** Reads the quantization tables of a JPEG by their ids, in zigzag order. (ITU T.81, B.2.4.1) */
export function readQuantTables(jpeg: Uint8Array): ReadonlyMap<number, readonly number[]> {
  const tables = new Map<number, readonly number[]>()
  for (const { marker, body } of jpegSegments(jpeg)) {
    if (marker !== DQT) continue
    for (let at = 0; at < body.length;) {
      const head = body[at++]!
      const width = head >> 4 === 0 ? 1 : 2
      if (at + NUMBERS * width > body.length) break
      const start = at
      tables.set(
        head & 15,
        Array.from({ length: NUMBERS }, (_, index) => body.readUIntBE(start + index * width, width)),
      )
      at += NUMBERS * width
    }
  }
  return tables
}
