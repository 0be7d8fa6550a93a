/** Reversed polynomial of Castagnoli, of RFC 3720. */
const POLYNOMIAL = 0x82f63b78

const TABLE = Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
  return value >>> 0
})

/** Returns the CRC-32C of bytes in base64, most significant byte first, as Google Cloud Storage writes it. */
export function crc32c(data: Uint8Array): string {
  let crc = 0xffffffff
  for (const byte of data) crc = (TABLE[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8)
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE((crc ^ 0xffffffff) >>> 0)
  return bytes.toString('base64')
}
