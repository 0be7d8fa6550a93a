const SOI = 0xd8
const SOS = 0xda
/** Frames that libjpeg-turbo reads: Huffman, lossless and arithmetic coding (ITU T.81, table B.1). */
const READ: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc9, 0xca])
/** Frames that it does not read. 0xf7 is a frame of JPEG-LS (ITU T.87). */
const UNREAD: Readonly<Record<number, string>> = {
  0xc5: 'hierarchical',
  0xc6: 'hierarchical',
  0xc7: 'hierarchical',
  0xcb: 'lossless with arithmetic coding',
  0xcd: 'hierarchical',
  0xce: 'hierarchical',
  0xcf: 'hierarchical',
  0xf7: 'JPEG-LS',
}

/** Returns the reason why libjpeg-turbo cannot read an intact JPEG; undefined for a JPEG that it reads, and for other files. */
export function findUnsupportedJpeg(bytes: Uint8Array): string | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file[0] !== 0xff || file[1] !== SOI) return undefined
  let at = 2
  while (at + 4 <= file.length && file[at] === 0xff) {
    const marker = file[at + 1]!
    if (marker === 0xff) {
      // A fill byte.
      at++
      continue
    }
    if (marker === SOS) return undefined
    const end = at + 2 + file.readUInt16BE(at + 2)
    const kind = UNREAD[marker]
    if (kind !== undefined) return `is ${kind}`
    if (READ.has(marker)) return explainFrame(file.subarray(at + 4, end))
    at = end
  }
  return undefined
}

function explainFrame(frame: Buffer): string | undefined {
  if (frame.length < 6 || frame.length !== 6 + 3 * frame[5]!) return undefined
  const precision = frame[0]
  if (precision !== 8) return `has ${precision} bits a sample`
  if (frame.readUInt16BE(1) === 0) return 'gives its height behind the picture (DNL marker)'
  const samplings = Array.from({ length: frame[5]! }, (_, index) => frame[7 + 3 * index]!)
  const isFractional = [4, 0].some((shift) => {
    const factors = samplings.map((sampling) => (sampling >> shift) & 15)
    const most = Math.max(...factors)
    return factors.every((factor) => factor > 0) && factors.some((factor) => most % factor !== 0)
  })
  return isFractional ? 'has chroma subsampling by a fraction' : undefined
}
