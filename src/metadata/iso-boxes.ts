/** A box of an ISO base media file. (ISO 14496-12, section 4.2) */
export interface Box {
  readonly type: string
  /** The box with its header. */
  readonly whole: Buffer
  /** The box without its header. */
  readonly body: Buffer
  /** Place of the box in the buffer that was read. */
  readonly start: number
  /** False if the size takes 64 bits, or is left open until the end of the file. */
  readonly isPlain: boolean
}

/** Returns the boxes of a file, or of the body of a box. Stops at the first that is cut off. */
export function readBoxes(data: Buffer): readonly Box[] {
  const boxes: Box[] = []
  for (let start = 0; start + 8 <= data.length;) {
    const short = data.readUInt32BE(start)
    const header = short === 1 ? 16 : 8
    if (start + header > data.length) break
    const size =
      short === 0 ? data.length - start : short === 1 ? Number(data.readBigUInt64BE(start + 8)) : short
    if (size < header || start + size > data.length) break
    const whole = data.subarray(start, start + size)
    const type = data.toString('latin1', start + 4, start + 8)
    boxes.push({ type, whole, body: whole.subarray(header), start, isPlain: short > 1 })
    start += size
  }
  return boxes
}

/** Writes a box. */
export function writeBox(type: string, ...bodies: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 4, 'latin1')
  const box = Buffer.concat([head, ...bodies])
  box.writeUInt32BE(box.length)
  return box
}

/** Reads big-endian integers one after another. Throws a RangeError at the end. */
export interface Cursor {
  readonly next: (bytes: 1 | 2 | 4) => number
  readonly skip: (bytes: number) => void
  readonly place: () => number
}

export function cursorAt(data: Buffer, start: number): Cursor {
  let at = start
  return {
    next(bytes) {
      at += bytes
      return data.readUIntBE(at - bytes, bytes)
    },
    skip(bytes) {
      at += bytes
    },
    place: () => at,
  }
}
