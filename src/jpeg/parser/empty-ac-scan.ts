import { EOI, SOS } from './markers.js'

/** Blocks that one symbol may announce. */
const LONGEST_RUN = 32_767

/**
 * A scan that says: no block of this component has AC coefficients. It brings its own Huffman table, and ends the
 * restart intervals for whatever follows. A symbol EOBn and n bits announce a run of such blocks (ITU T.81, G.1.2.2).
 */
export function writeBlankScan(id: number, blocks: number): Buffer {
  const rest = blocks % LONGEST_RUN
  const runs = Array.from({ length: Math.floor(blocks / LONGEST_RUN) }, () => LONGEST_RUN)
  if (rest > 0) runs.push(rest)
  const symbols = [...new Set(runs.map(bitsOf))]
  // None may consist of ones alone, hence lengths of one bit and of two.
  const codes = ['0', '10']
  const data = runs.map((run) => codes[symbols.indexOf(bitsOf(run))]! + run.toString(2).slice(1)).join('')
  const lengths = [1, symbols.length - 1, ...Array.from({ length: 14 }, () => 0)]
  return Buffer.concat([
    Buffer.from([0xff, 0xdd, 0, 4, 0, 0]),
    Buffer.from([0xff, 0xc4, 0, 19 + symbols.length, 0x10, ...lengths, ...symbols.map((bits) => bits << 4)]),
    Buffer.from([0xff, SOS, 0, 8, 1, id, 0, 1, 63, 0]),
    packBits(data),
  ])
}

/** The end of a JPEG. */
export const END = Buffer.from([0xff, EOI])

/** How many bits tell a run from others of its symbol. */
function bitsOf(run: number): number {
  return Math.floor(Math.log2(run))
}

/** Bits as entropy-coded bytes: filled up with ones, and a zero after each byte that looks like a marker. */
function packBits(bits: string): Buffer {
  const bytes = (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '1'), 2))
  return Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte])))
}
