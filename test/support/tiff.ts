/** Raw samples, row by row. */
export interface Samples {
  readonly width: number
  readonly height: number
  /** One more than the profile's if there is alpha. */
  readonly channels: 1 | 2 | 3 | 4
  readonly data: Uint8Array | Uint16Array
}

/** Creates an uncompressed TIFF of unconverted samples, with a profile attached (TIFF 6.0; ICC.1 annex B.4). */
export function makeTiff({ width, height, channels, data }: Samples, icc: Uint8Array): Buffer {
  const inks = Buffer.from(icc.subarray(16, 20)).toString('latin1') === 'CMYK'
  const colours = inks ? 4 : channels < 3 ? 1 : 3
  const bits = Buffer.alloc(8)
  for (let at = 0; at < channels; at++) bits.writeUInt16LE(data.BYTES_PER_ELEMENT * 8, 2 * at)
  const pixels = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const bitsAt = 8
  const pixelsAt = bitsAt + bits.length
  const iccAt = pixelsAt + pixels.length + (pixels.length % 2)
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, channels, channels < 3 ? bits.readUInt32LE() : bitsAt],
    [259, 3, 1, 1],
    [262, 3, 1, inks ? 5 : colours === 3 ? 2 : 1],
    [273, 4, 1, pixelsAt],
    [277, 3, 1, channels],
    [278, 4, 1, height],
    [279, 4, 1, pixels.length],
    ...(channels > colours ? [[338, 3, 1, 2] as [number, number, number, number]] : []),
    [34675, 7, icc.length, iccAt],
  ]
  const directory = Buffer.alloc(2 + 12 * entries.length + 4)
  directory.writeUInt16LE(entries.length)
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 2 + 12 * index
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(type, at + 2)
    directory.writeUInt32LE(count, at + 4)
    directory.writeUInt32LE(value, at + 8)
  }
  const directoryAt = iccAt + icc.length + (icc.length % 2)
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1')
  head.writeUInt32LE(directoryAt, 4)
  const file = Buffer.alloc(directoryAt + directory.length)
  for (const [part, at] of [
    [head, 0],
    [bits, bitsAt],
    [pixels, pixelsAt],
    [icc, iccAt],
    [directory, directoryAt],
  ] as const) {
    file.set(part, at)
  }
  return file
}
