/** Name of an APP1 segment that holds EXIF. */
const NAME = Buffer.from('Exif\0\0')
/** A segment stores its length in two bytes, which count themselves. */
const MAX_BYTES = 0xffff - 2

/**
 * Returns a JPEG with EXIF inserted behind its start marker, where the standard requires it (Exif 2.32, CIPA DC-008,
 * section 4.7.2). Returns the JPEG unchanged if the EXIF does not fit into a segment.
 *
 * @param exif without the name.
 */
export function addExif<B extends Buffer>(jpeg: B, exif: Uint8Array): B | Buffer<ArrayBuffer> {
  if (NAME.length + exif.length > MAX_BYTES) return jpeg
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(2 + NAME.length + exif.length, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, NAME, exif, jpeg.subarray(2)])
}

/** Returns the TIFF structure of an EXIF block: JPEG puts a name in front of it, most other containers do not. */
export function withoutExifName(block: Uint8Array): Uint8Array {
  return NAME.equals(block.subarray(0, NAME.length)) ? block.subarray(NAME.length) : block
}
