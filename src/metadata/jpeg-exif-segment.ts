/** What an APP1 segment of EXIF begins with. */
const NAME = Buffer.from('Exif\0\0')
/** Two bytes say how long a segment is, themselves among it. */
const MOST = 0xffff - 2

/**
 * A JPEG with EXIF put in where the standard wants it, right behind the start (Exif 2.32, CIPA DC-008, 4.7.2). As it
 * is where the EXIF is more than a segment holds.
 */
export function addExif(jpeg: Buffer, exif: Uint8Array): Buffer {
  if (NAME.length + exif.length > MOST) return jpeg
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(2 + NAME.length + exif.length, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, NAME, exif, jpeg.subarray(2)])
}
