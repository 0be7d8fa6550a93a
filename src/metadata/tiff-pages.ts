import { readTiffTags, TIFF_SIZES } from './tiff-tags.js'

/**
 * Returns a copy of a TIFF or BigTIFF that begins with another page: only the position of the first directory differs. Returns
 * undefined if it has no such page.
 */
export function beginWithPage(bytes: Uint8Array, page: number): Buffer | undefined {
  const copy = Buffer.from(bytes)
  for (let skipped = 0; skipped < page; skipped++) {
    const found = readTiffTags(copy)
    if (found === undefined || found.next === 0) return undefined
    const { littleEndian, isBig, next } = found
    const { header, offset } = isBig ? TIFF_SIZES.big : TIFF_SIZES.small
    const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength)
    if (isBig) view.setBigUint64(header - offset, BigInt(next), littleEndian)
    else view.setUint32(header - offset, next, littleEndian)
  }
  return copy
}
