/** Longest run of a PackBits packet. */
const MAX_RUN = 128

/** Compresses by PackBits, with literal packets only (TIFF 6.0, section 9). */
export function packBits(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += MAX_RUN) {
    const run = bytes.subarray(at, at + MAX_RUN)
    parts.push(Buffer.from([run.length - 1]), run)
  }
  return Buffer.concat(parts)
}

const CLEAR = 256
const END = 257
const FIRST_CODE = 258
const MAX_CODE = 4094

/** Compresses by LZW as TIFF has it: most significant bit first, widths change one code early (TIFF 6.0, section 13). */
export function packLzw(bytes: Buffer): Buffer {
  const out: number[] = []
  let [held, heldBits] = [0, 0]
  let width = 9
  const write = (code: number): void => {
    held = (held << width) | code
    heldBits += width
    while (heldBits >= 8) {
      heldBits -= 8
      out.push((held >> heldBits) & 255)
    }
    held &= (1 << heldBits) - 1
  }
  let table = new Map<number, number>()
  let next = FIRST_CODE
  write(CLEAR)
  let prefix: number | undefined
  for (const byte of bytes) {
    if (prefix === undefined) {
      prefix = byte
      continue
    }
    const key = prefix * 256 + byte
    const known = table.get(key)
    if (known !== undefined) {
      prefix = known
      continue
    }
    write(prefix)
    prefix = byte
    table.set(key, next++)
    if (next + 1 > 1 << width) width++
    if (next < MAX_CODE) continue
    write(CLEAR)
    ;[table, next, width] = [new Map(), FIRST_CODE, 9]
  }
  if (prefix !== undefined) {
    write(prefix)
    next++
    if (next + 1 > 1 << width && width < 12) width++
  }
  write(END)
  if (heldBits > 0) out.push((held << (8 - heldBits)) & 255)
  return Buffer.from(out)
}
