import { jpegSegments, makeSegment } from '../containers/jpeg.js'
import { TIFF_TYPE, writeTiff } from '../tiff-directory.js'

/*
 * The Multi-Picture Format lists the pictures of a file in a TIFF structure: its version, the number of pictures, and for
 * each an entry of attributes, length, position and two dependent pictures (CIPA DC-007, section 5).
 */

const APP0 = 0xe0
const APP1 = 0xe1
const APP2 = 0xe2
const NAME = Buffer.from('MPF\0')
const VERSION = Buffer.from('0100')
/** Attributes of the picture that readers without MPF show. The other's are 0: a JPEG of an undefined type. */
const MAIN_PICTURE = 0x030000
const ENTRY_BYTES = 16
/** Bytes of a segment before its body: marker and length. */
const HEAD_BYTES = 4

/**
 * Returns a JPEG that lists itself and a second one, which has to be appended.
 *
 * @param appendedBytes length of the second JPEG.
 * @param others segments to insert behind the list.
 */
export function addMpf(jpeg: Buffer, appendedBytes: number, others: readonly Buffer[]): Buffer {
  // DC-007 places the list behind EXIF.
  let at = 2
  for (const { marker, end } of jpegSegments(jpeg)) {
    if (marker !== APP0 && marker !== APP1) break
    at = end
  }
  const join = (list: Buffer) => Buffer.concat([jpeg.subarray(0, at), list, ...others, jpeg.subarray(at)])
  const { length } = join(makeList(0, 0, 0))
  // Positions count from the TIFF structure.
  return join(makeList(length, appendedBytes, length - (at + HEAD_BYTES + NAME.length)))
}

function makeList(length: number, appendedBytes: number, position: number): Buffer {
  const entries = Buffer.alloc(2 * ENTRY_BYTES)
  entries.writeUInt32LE(MAIN_PICTURE, 0)
  entries.writeUInt32LE(length, 4)
  entries.writeUInt32LE(appendedBytes, ENTRY_BYTES + 4)
  entries.writeUInt32LE(position, ENTRY_BYTES + 8)
  const { undefined: opaque, long } = TIFF_TYPE
  const list = writeTiff([
    [0xb000, opaque, VERSION.length, VERSION.readUInt32LE()],
    [0xb001, long, 1, 2],
    [0xb002, opaque, entries.length, entries],
  ])
  return makeSegment(APP2, NAME, list)
}
