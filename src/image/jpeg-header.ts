/** Header of a JPEG: everything before its first scan. */
export interface JpegHeader {
  /** Pixels, before orientation. */
  readonly width: number
  readonly height: number
  /** 1 for grey. */
  readonly components: 1 | 3
  readonly isProgressive: boolean
  readonly exif?: Buffer
  readonly icc?: Buffer
}

const SOI = 0xd8
/** Baseline, extended and progressive frames with Huffman coding. */
const FRAMES: ReadonlySet<number | undefined> = new Set([0xc0, 0xc1, 0xc2])
const PROGRESSIVE = 0xc2
const SOS = 0xda
const APP1 = 0xe1
const APP2 = 0xe2
const EXIF = 'Exif\0\0'
const ICC = 'ICC_PROFILE\0'
/** A segment of a profile has two bytes behind its name: its number and the number of segments. */
const ICC_HEADER_BYTES = ICC.length + 2

/**
 * Reads the header of a JPEG, which may be cut off behind it. This takes some microseconds; a decoder takes nearly one
 * millisecond. Returns undefined if the header is cut off or unusual (ITU T.81, annex B).
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file[0] !== 0xff || file[1] !== SOI) return undefined
  let frame: Omit<JpegHeader, 'exif' | 'icc'> | undefined
  const exif: Buffer[] = []
  const icc: Buffer[] = []
  let at = 2
  while (at + 4 <= file.length && file[at] === 0xff) {
    const marker = file[at + 1]
    const body = file.subarray(at + 4, at + 2 + file.readUInt16BE(at + 2))
    if (marker === SOS) return frame && exif.length < 2 ? { ...frame, ...join(exif, icc) } : undefined
    if (FRAMES.has(marker)) frame = readFrame(body, marker === PROGRESSIVE)
    else if (marker === APP1 && startsWith(body, EXIF)) exif.push(body)
    else if (marker === APP2 && startsWith(body, ICC)) icc.push(body.subarray(ICC_HEADER_BYTES))
    at += 2 + file.readUInt16BE(at + 2)
  }
  return undefined
}

function readFrame(body: Buffer, isProgressive: boolean): Omit<JpegHeader, 'exif' | 'icc'> | undefined {
  const [depth, , , , , components] = body
  if (body.length < 6 || depth !== 8 || (components !== 1 && components !== 3)) return undefined
  const height = body.readUInt16BE(1)
  const width = body.readUInt16BE(3)
  // A height of 0 means that it follows the first scan.
  return width > 0 && height > 0 ? { width, height, components, isProgressive } : undefined
}

function join([exif]: readonly Buffer[], icc: readonly Buffer[]): Pick<JpegHeader, 'exif' | 'icc'> {
  return { ...(exif !== undefined && { exif }), ...(icc.length > 0 && { icc: Buffer.concat(icc) }) }
}

function startsWith(body: Buffer, name: string): boolean {
  return body.toString('latin1', 0, name.length) === name
}
