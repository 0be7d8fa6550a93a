import { createHash } from 'node:crypto'

/*
 * Photoshop stores IPTC in a list of resources: `8BIM`, id, name, length, data (Adobe Photoshop File Formats, "Image Resource
 * Blocks"). Names and data have even lengths.
 */

/** Name of the segment of a JPEG that holds resources. */
export const PHOTOSHOP = Buffer.from('Photoshop 3.0\0')
const RESOURCE = '8BIM'
const IPTC_RESOURCE = 0x0404
/** MD5 of the IPTC. Readers prefer it to the XMP if somebody changed it later. (Metadata Working Group, 2.0, section 3.3.1) */
const DIGEST_RESOURCE = 0x0425

/** Returns the IPTC of a list of resources, with or without the name in front of it. Other bytes are IPTC themselves. */
export function findIptc(block: Buffer): Buffer {
  let at = PHOTOSHOP.equals(block.subarray(0, PHOTOSHOP.length)) ? PHOTOSHOP.length : 0
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

/** Returns a list of resources with IPTC and its checksum. */
export function makeIptcResources(iptc: Uint8Array): Buffer {
  return Buffer.concat([
    makeResource(IPTC_RESOURCE, iptc),
    makeResource(DIGEST_RESOURCE, createHash('md5').update(iptc).digest()),
  ])
}

/** Returns a resource without a name. */
function makeResource(id: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(12)
  head.write(RESOURCE, 'latin1')
  head.writeUInt16BE(id, 4)
  head.writeUInt32BE(data.length, 8)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}
