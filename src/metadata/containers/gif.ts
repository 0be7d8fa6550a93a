/*
 * XMP is an application extension of a GIF whose data are the packet itself, and not sub-blocks. A trailer of falling numbers
 * makes readers that take its characters for lengths end at its end (XMP Specification Part 3, section 1.1.2).
 */

const TRAILER = 0x3b
/** Extension, application, and the length of the name. */
const HEAD = Buffer.from([0x21, 0xff, 0x0b])
const NAME = Buffer.from('XMP DataXMP')
/** 1, the bytes from 255 down to 0, and the end of sub-blocks. */
const MAGIC_TRAILER = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0])
const START = Buffer.concat([HEAD, NAME])

/** Returns a GIF with XMP before its end, where it stands in no reader's way. Returns undefined if it is no whole GIF. */
export function addXmpToGif(gif: Buffer, xmp: string): Buffer<ArrayBuffer> | undefined {
  const end = gif.length - 1
  if (gif[end] !== TRAILER) return undefined
  const head = Buffer.concat([gif.subarray(0, end), START, Buffer.from(xmp), MAGIC_TRAILER])
  // Extensions came with version 89a.
  head.write('GIF89a', 'latin1')
  return Buffer.concat([head, gif.subarray(end)])
}

/** Returns the XMP of a GIF. */
export function readGifXmp(gif: Uint8Array): Buffer | undefined {
  const file = Buffer.from(gif.buffer, gif.byteOffset, gif.byteLength)
  const at = file.indexOf(START)
  const start = at + START.length
  const end = at < 0 ? -1 : file.indexOf(MAGIC_TRAILER, start)
  return end < 0 ? undefined : file.subarray(start, end)
}
