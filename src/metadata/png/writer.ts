import { deflateSync } from 'node:zlib'
import { makeChunk } from './chunks.js'

const SIGNATURE = '\x89PNG\r\n\x1a\n'
const DEPTH = 8
const RGB = 2
/** Filter that stores differences to the pixel on the left, which suits smooth pictures. (PNG, third edition, 9.2) */
const SUB = 1

/** Returns a small PNG of RGB pixels, 8 bits each, at once. For anything larger, sharp writes smaller files. */
export function writePng(width: number, height: number, rgb: Uint8Array): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([DEPTH, RGB], 8)
  const stride = width * 3
  const rows = Array.from({ length: height }, (_, y) => filterRow(rgb.subarray(y * stride, (y + 1) * stride)))
  return Buffer.concat([
    Buffer.from(SIGNATURE, 'latin1'),
    makeChunk('IHDR', header),
    makeChunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
    makeChunk('IEND', Buffer.alloc(0)),
  ])
}

function filterRow(row: Uint8Array): Uint8Array {
  return Uint8Array.from([SUB, ...row.map((value, index) => value - (row[index - 3] ?? 0))])
}
