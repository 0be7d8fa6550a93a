/** Replaces the first occurrence of bytes in a bit stream, where they may begin at any bit. */
export function replaceBytesInBits(data: Buffer, bytes: readonly number[], by: readonly number[]): Buffer {
  const bits = toBits(data)
  const at = bits.indexOf(toBits(bytes))
  if (at === -1) throw new Error(`Not found: ${bytes.join(', ')}`)
  const replaced = bits.slice(0, at) + toBits(by) + bits.slice(at + 8 * by.length)
  return Buffer.from(replaced.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)))
}

function toBits(data: Iterable<number>): string {
  return Array.from(data, (byte) => byte.toString(2).padStart(8, '0')).join('')
}
