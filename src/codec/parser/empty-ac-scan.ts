import { EOI, SOS } from './markers.js'

/** Most blocks that one end-of-band run may cover. */
const MAX_RUN = 32_767

/**
 * Returns a scan in which all AC coefficients of a component are zero, with its Huffman table and without restart markers. A
 * symbol EOBn and n bits stand for a run of such blocks (ITU T.81, G.1.2.2).
 */
export function writeEmptyAcScan(id: number, blocks: number): Buffer {
  const rest = blocks % MAX_RUN
  const runs = Array.from({ length: Math.floor(blocks / MAX_RUN) }, () => MAX_RUN)
  if (rest > 0) runs.push(rest)
  const symbols = [...new Set(runs.map(extraBits))]
  // No code may consist of ones only, hence lengths of one bit and of two.
  const codes = ['0', '10']
  const data = runs.map((run) => codes[symbols.indexOf(extraBits(run))]! + run.toString(2).slice(1)).join('')
  const lengths = [1, symbols.length - 1, ...Array.from({ length: 14 }, () => 0)]
  return Buffer.concat([
    Buffer.from([0xff, 0xdd, 0, 4, 0, 0]),
    Buffer.from([0xff, 0xc4, 0, 19 + symbols.length, 0x10, ...lengths, ...symbols.map((bits) => bits << 4)]),
    Buffer.from([0xff, SOS, 0, 8, 1, id, 0, 1, 63, 0]),
    packBits(data),
  ])
}

export const EOI_MARKER = Buffer.from([0xff, EOI])

/** Returns n of the symbol EOBn for a run. */
function extraBits(run: number): number {
  return Math.floor(Math.log2(run))
}

/** Packs bits as entropy-coded bytes: padded with ones, and with a zero stuffed after each byte FF. */
function packBits(bits: string): Buffer {
  const bytes = (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '1'), 2))
  return Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte])))
}
