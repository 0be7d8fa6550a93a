import type { Credit } from './xmp/credit.js'

/*
 * IPTC is a list of records: 0x1c, record, data set, length, value (IPTC IIM 4.2, section 1.6). Photoshop stores it in a
 * resource: `8BIM`, id, name, length, data (Adobe Photoshop File Formats, "Image Resource Blocks").
 */

const PHOTOSHOP = 'Photoshop 3.0\0'
const RESOURCE = '8BIM'
const IPTC_RESOURCE = 0x0404
/** The record that describes the picture. */
const APPLICATION = 2
const BY_LINE = 80
const COPYRIGHT = 116

/** A text of the application record. */
export interface IptcText {
  readonly dataset: number
  readonly text: string
}

/** Reads By-line and Copyright Notice. */
export function readIptcCredit(iptc: Uint8Array): Credit {
  const texts = readIptcTexts(iptc)
  const of = (wanted: number) => texts.filter(({ dataset }) => dataset === wanted).map(({ text }) => text)
  return { artist: of(BY_LINE).join('; ') || undefined, copyright: of(COPYRIGHT)[0] }
}

/** Reads the texts of the application record, in their order, without empty ones. */
export function readIptcTexts(iptc: Uint8Array): readonly IptcText[] {
  const block = Buffer.from(iptc.buffer, iptc.byteOffset, iptc.byteLength)
  const records = findRecords(block)
  const found: IptcText[] = []
  for (let at = 0; at + 5 <= records.length && records[at] === 0x1c;) {
    const dataset = records[at + 2]!
    const length = records.readUInt16BE(at + 3)
    // Longer values give the length of their length.
    if (length > 0x7fff) break
    const text = decode(records.subarray(at + 5, at + 5 + length))
    if (records[at + 1] === APPLICATION && text !== '') found.push({ dataset, text })
    at += 5 + length
  }
  return found
}

function findRecords(block: Buffer): Buffer {
  let at = block.toString('latin1', 0, PHOTOSHOP.length) === PHOTOSHOP ? PHOTOSHOP.length : 0
  while (at + 12 <= block.length && block.toString('latin1', at, at + 4) === RESOURCE) {
    // The name is a length and text, together even.
    const name = 1 + block[at + 6]!
    const head = at + 6 + name + (name % 2)
    if (head + 4 > block.length) break
    const length = block.readUInt32BE(head)
    const data = block.subarray(head + 4, head + 4 + length)
    if (block.readUInt16BE(at + 4) === IPTC_RESOURCE) return data
    at = head + 4 + length + (length % 2)
  }
  return at === 0 ? block : Buffer.alloc(0)
}

/** Programs write UTF-8 and Latin-1, and often do not say which. */
function decode(bytes: Buffer): string {
  const utf8 = bytes.toString('utf8')
  return (utf8.includes('\uFFFD') ? bytes.toString('latin1') : utf8).replace(/\0+$/, '').trim()
}
