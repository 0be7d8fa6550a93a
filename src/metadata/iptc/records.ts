/*
 * IPTC is a list of data sets: 0x1c, record, data set, length, value (IPTC IIM 4.2, section 1.6). The length of a value from
 * 32768 bytes on stands behind its own length, whose highest bit is set.
 */

const MARKER = 0x1c
const HEAD_BYTES = 5
const EXTENDED = 0x8000
/** Longer lengths do not fit into a Buffer. */
const MAX_LENGTH_BYTES = 4

/** A data set. */
export interface IptcRecord {
  readonly record: number
  readonly dataset: number
  /** A view into the block. */
  readonly value: Buffer
}

/** Reads data sets up to the first that is cut off or damaged. */
export function readRecords(block: Buffer): readonly IptcRecord[] {
  const found: IptcRecord[] = []
  for (let at = 0; at + HEAD_BYTES <= block.length && block[at] === MARKER;) {
    const [record, dataset] = [block[at + 1]!, block[at + 2]!]
    const told = block.readUInt16BE(at + 3)
    const lengthBytes = told >= EXTENDED ? told - EXTENDED : 0
    const start = at + HEAD_BYTES + lengthBytes
    if (lengthBytes > MAX_LENGTH_BYTES || start > block.length) break
    const length = lengthBytes === 0 ? told % EXTENDED : block.readUIntBE(at + HEAD_BYTES, lengthBytes)
    if (start + length > block.length) break
    found.push({ record, dataset, value: block.subarray(start, start + length) })
    at = start + length
  }
  return found
}

/** Writes data sets of less than 32 KB, in the order of their numbers, as readers expect. Longer ones are left out. */
export function writeRecords(records: readonly IptcRecord[]): Buffer {
  const sorted = records
    .filter(({ value }) => value.length < EXTENDED)
    .toSorted((a, b) => a.record - b.record || a.dataset - b.dataset)
  return Buffer.concat(
    sorted.flatMap(({ record, dataset, value }) => [
      Buffer.from([MARKER, record, dataset, value.length >> 8, value.length & 255]),
      value,
    ]),
  )
}
